import DatabaseHarness
import PaymentPrimitives
import PaymentStore
import Payments
import SQLDatabase

/// A fresh database with the payment tables, for as long as a test needs it.
struct StoreFixture: Sendable {
    let database: any Database
    let storage: any PaymentStorage
    let clock = ManualClock()

    static func run(_ engine: Engine, _ body: (StoreFixture) async throws -> Void) async throws {
        try await engine.withDatabase { database in
            let fixture = StoreFixture(database: database, storage: SQLPaymentStorage(database))
            _ = try await Migrator(PaymentSchema.migrations, clock: fixture.clock).migrate(database)
            try await body(fixture)
        }
    }

    /// A payment of 100 fen that nobody has paid.
    func payment(
        _ id: String, merchant: String = "shop1", number: String? = nil, reference: String? = nil, nextQueryAt: Timestamp? = nil
    ) -> Payment {
        Payment(
            merchant: merchant, id: id, version: 1, channel: .v3, method: .miniProgram, mchid: "1900000001",
            appid: "wx0000000000000001", outTradeNo: number ?? "NUMBER" + id, amount: Money(fen: 100), description: "茶",
            attach: nil, reference: reference, openID: "oBuyer", notifyURL: "https://pay.example.com/notify/v3/shop1",
            prepay: Prepay(kind: .prepayID, text: "wx-prepay", since: clock.now), createdAt: clock.now,
            expiresAt: clock.now.advanced(by: .seconds(1800)),
            nextQueryAt: nextQueryAt)
    }

    func create(_ payment: Payment) async throws -> Bool {
        try await storage.write(payment.merchant) { try Booking.create(payment, in: $0) }
    }

    /// Books what somebody said about a payment, as the use cases do.
    @discardableResult
    func book(_ fact: Observation.Fact, on id: String, merchant: String = "shop1") async throws -> Payment? {
        let observation = Observation(fact, source: .notification, at: clock.now)
        return try await storage.write(merchant) { transaction in
            guard let locked = try transaction.lock(merchant: merchant, id: id) else { return nil }
            return try Booking.record(observation, on: locked, in: transaction).payment
        }
    }

    func success(_ payment: Payment, total: Int64 = 100, discount: Int64 = 0) -> Observation.Fact {
        var facts = TradeFacts(state: .success, mchid: payment.mchid, outTradeNo: payment.outTradeNo)
        facts.appid = payment.appid
        facts.transactionID = "42" + payment.id
        facts.total = total
        facts.currency = "CNY"
        facts.payerTotal = total - discount
        facts.merchantDiscount = discount
        return .trade(facts)
    }

    func event(_ id: String, merchant: String = "shop1", at: Timestamp? = nil) -> OutboxEvent {
        OutboxEvent(
            merchant: merchant, id: id, kind: .wechatEvent, paymentID: nil, data: Array("{}".utf8), at: at ?? clock.now)
    }

    func integer(_ sql: String) async throws -> Int64? {
        try await database.read { try $0.queryOne("SELECT CAST((\(sql)) AS BIGINT)")?.optionalInteger(0) }
    }

    func execute(_ sql: String) async throws {
        _ = try await database.write("shop1") { try $0.execute(sql) }
    }
}
