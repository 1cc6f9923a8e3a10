import DatabaseHarness
import PaymentPrimitives
import Payments
import SQLDatabase
import Testing

@Suite("Payments on disk")
struct PaymentRowTests {
    @Test("A payment comes back as it was put down, every field", arguments: Engine.allCases)
    func roundTrip(engine: Engine) async throws {
        try await StoreFixture.run(engine) { store in
            let now = store.clock.now
            let full = Payment(
                merchant: "shop1", id: "pay_1", version: 1, channel: .v3, method: .jsapi, mchid: "1900000001", appid: "wx1",
                outTradeNo: "N00001", channelOrderID: "c1", transactionID: "t1", amount: Money(fen: .max, currency: .cny),
                payerTotal: 7, description: "茶 'x' \"y\" $1", attach: "a=b&c", reference: "r", openID: "o",
                notifyURL: "https://a/b", state: .paid, prepay: Prepay(kind: .prepayID, text: "wx", since: now), createdAt: now,
                expiresAt: now.advanced(by: .seconds(1)), successTime: now.advanced(by: .milliseconds(1)), closedAt: now,
                failureCode: "F", nextQueryAt: nil, queryCount: 3, lastQueryAt: now)
            let bare = store.payment("pay_2")
            var options = PaymentOptions()
            options.goodsTag = "WXG"
            options.scene = PaymentOptions.Scene()
            options.scene?.storeInfo = PaymentOptions.Store(id: "A1")
            let charge = Payment(
                merchant: "shop1", id: "pay_3", version: 1, channel: .v3, method: .codePay, mchid: "1900000009", appid: "wx1",
                subMchid: "1900000011", subAppid: "wx2", outTradeNo: "N00003", amount: Money(fen: 5), description: "茶",
                attach: nil, reference: nil, openID: nil, options: options, notifyURL: "https://a/b", state: .closed,
                chargedAt: now, reversingAt: now.advanced(by: .seconds(45)), reversedAt: now.advanced(by: .seconds(46)),
                createdAt: now,
                expiresAt: now.advanced(by: .seconds(45)), closedAt: now.advanced(by: .seconds(46)))
            let native = Payment(
                merchant: "shop1", id: "pay_4", version: 1, channel: .v3, method: .native, mchid: "1900000001", appid: "wx1",
                outTradeNo: "N00004", amount: Money(fen: 5), description: "茶", attach: nil, reference: nil, openID: nil,
                notifyURL: "https://a/b", prepay: Prepay(kind: .codeURL, text: "weixin://wxpay/bizpayurl?pr=1", since: now),
                createdAt: now, expiresAt: now.advanced(by: .seconds(45)))
            for payment in [full, bare, charge, native] {
                let isNew = try await store.create(payment)
                #expect(isNew)
                #expect(try await store.storage.payment(merchant: "shop1", id: payment.id) == payment)
            }
            #expect(try await store.storage.payment(merchant: "shop2", id: "pay_1") == nil, "another merchant's")
        }
    }

    @Test("A number is used once, and what could not be put down leaves nothing behind", arguments: Engine.allCases)
    func numberOnce(engine: Engine) async throws {
        try await StoreFixture.run(engine) { store in
            let isNew = try await store.create(store.payment("pay_1", number: "SAME01"))
            #expect(isNew)
            #expect(try await store.create(store.payment("pay_2", number: "SAME01")) == false)
            #expect(
                try await store.create(store.payment("pay_3", merchant: "shop2", number: "SAME01")), "another merchant's number")
            #expect(try await store.integer("SELECT COUNT(*) FROM payments") == 2)
            #expect(try await store.integer("SELECT COUNT(*) FROM payment_events") == 2)
        }
    }

    @Test(
        "A reference has one open payment, however many try at once, and another once that is closed or failed",
        arguments: Engine.allCases)
    func oneOpenReference(engine: Engine) async throws {
        try await StoreFixture.run(engine) { store in
            let made = try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<20 {
                    group.addTask { try await store.create(store.payment("pay_\(index)", reference: "A")) }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(made == 1)
            for (id, fact) in [("pay_closed", Observation.Fact.closed), ("pay_failed", .refused(code: "X"))] {
                let open = try await store.storage.write("shop1") {
                    try $0.openPayment(merchant: "shop1", subMchid: nil, reference: "A")
                }
                try await store.book(fact, on: try #require(open).id)
                #expect(try await store.create(store.payment(id, reference: "A")))
            }
            for id in ["pay_none", "pay_none2"] { #expect(try await store.create(store.payment(id)), "no reference, no limit") }
        }
    }

    @Test("Only a locked payment can be saved, and a lock counts", arguments: Engine.allCases)
    func locking(engine: Engine) async throws {
        try await StoreFixture.run(engine) { store in
            let payment = store.payment("pay_1")
            _ = try await store.create(payment)
            await #expect(throws: DatabaseError.misuse) {
                try await store.storage.write("shop1") { transaction in
                    _ = try transaction.lock(merchant: "shop1", id: "pay_1")
                    try transaction.save(payment)
                }
            }
            #expect(try await store.storage.payment(merchant: "shop1", id: "pay_1")?.version == 1)
            for expected in 2...4 {
                let locked = try await store.storage.write("shop1") {
                    try $0.lock(merchant: "shop1", outTradeNo: payment.outTradeNo)
                }
                #expect(locked?.version == Int64(expected))
            }
        }
    }

    @Test("State, event, ledger entry and outbox are written together or not at all", arguments: Engine.allCases)
    func together(engine: Engine) async throws {
        try await StoreFixture.run(engine) { store in
            struct Stop: Error {}
            let payment = store.payment("pay_1")
            _ = try await store.create(payment)
            let success = store.success(payment)
            await #expect(throws: Stop.self) {
                try await store.storage.write("shop1") { transaction in
                    guard let locked = try transaction.lock(merchant: "shop1", id: "pay_1") else { return }
                    _ = try Booking.record(
                        Observation(success, source: .query, at: locked.createdAt), on: locked, in: transaction)
                    throw Stop()
                }
            }
            await #expect(throws: Refusal.mismatch(field: "amount.total")) {
                try await store.book(store.success(payment, total: 99), on: "pay_1")
            }
            #expect(try await store.storage.payment(merchant: "shop1", id: "pay_1") == payment)
            #expect(try await store.integer("SELECT COUNT(*) FROM ledger_entries") == 0)
            #expect(try await store.integer("SELECT COUNT(*) FROM outbox") == 0)
            try await store.book(success, on: "pay_1")
            #expect(try await store.storage.timeline(merchant: "shop1", paymentID: "pay_1").map(\.to) == [.created, .paid])
            #expect(try await store.storage.ledger(merchant: "shop1", paymentID: "pay_1").map(\.amount) == [100, -100])
            #expect(try await store.integer("SELECT COUNT(*) FROM outbox WHERE kind = 'payment.paid'") == 1)
        }
    }

    @Test("One transaction of WeChat's pays one payment", arguments: Engine.allCases)
    func oneTransactionOnePayment(engine: Engine) async throws {
        try await StoreFixture.run(engine) { store in
            let (first, second) = (store.payment("pay_1"), store.payment("pay_2"))
            _ = try await store.create(first)
            _ = try await store.create(second)
            try await store.book(store.success(first), on: "pay_1")
            guard case .trade(var facts) = store.success(second) else { return }
            facts.transactionID = "42pay_1"
            let twice = facts
            await #expect(throws: Refusal.self) { try await store.book(.trade(twice), on: "pay_2") }
            #expect(try await store.integer("SELECT COUNT(*) FROM payments WHERE state = 'paid'") == 1)
        }
    }

    @Test("Any number of successes at once are booked once, and every entry balances", arguments: Engine.allCases)
    func bookedOnce(engine: Engine) async throws {
        try await StoreFixture.run(engine) { store in
            for discount in [0, 30, 100] as [Int64] {
                let payment = store.payment("pay_\(discount)")
                _ = try await store.create(payment)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<25 {
                        group.addTask { _ = try await store.book(store.success(payment, discount: discount), on: payment.id) }
                    }
                    try await group.waitForAll()
                }
            }
            #expect(try await store.integer("SELECT COUNT(*) FROM payment_events WHERE to_state = 'paid'") == 3)
            #expect(try await store.integer("SELECT COUNT(DISTINCT id) FROM ledger_entries") == 3)
            #expect(try await store.integer("SELECT COUNT(*) FROM outbox") == 3)
            let open = try await store.integer(
                "SELECT COUNT(*) FROM (SELECT id FROM ledger_entries GROUP BY merchant, id HAVING SUM(amount) <> 0) AS entries")
            #expect(open == 0)
            #expect(try await store.integer("SELECT -SUM(amount) FROM ledger_entries WHERE account = 'revenue'") == 300)
        }
    }

    @Test(
        "The schema itself refuses what must not be",
        arguments: [
            "UPDATE payments SET state = 'paid'", "UPDATE payments SET transaction_id = '1'",
            "UPDATE payments SET state = 'done'",
            "UPDATE payments SET total = 0", "UPDATE payments SET state = 'failed'", "UPDATE payments SET total = NULL",
        ], Engine.allCases)
    func schema(statement: String, engine: Engine) async throws {
        try await StoreFixture.run(engine) { store in
            _ = try await store.create(store.payment("pay_1", nextQueryAt: store.clock.now))
            await #expect(throws: DatabaseError.constraint) { try await store.execute(statement) }
        }
    }

    @Test(
        "Events and ledger lines are never changed or removed",
        arguments: ["payment_events", "ledger_entries"], Engine.allCases)
    func appendOnly(table: String, engine: Engine) async throws {
        try await StoreFixture.run(engine) { store in
            let payment = store.payment("pay_1")
            _ = try await store.create(payment)
            try await store.book(store.success(payment), on: "pay_1")
            let before = try await store.database.read { try $0.query("SELECT * FROM \(table)").map(\.values) }
            #expect(!before.isEmpty)
            let ways =
                engine == .sqlite
                ? ["UPDATE OR IGNORE \(table) SET created_at = 0", "INSERT OR REPLACE INTO \(table) SELECT * FROM \(table)"]
                : ["TRUNCATE \(table)"]
            for statement in ways + ["UPDATE \(table) SET created_at = created_at", "DELETE FROM \(table)"] {
                await #expect(throws: DatabaseError.constraint, "\(statement)") { try await store.execute(statement) }
            }
            #expect(try await store.database.read { try $0.query("SELECT * FROM \(table)").map(\.values) } == before)
        }
    }

    @Test("Lists are one's own, newest first, page by page", arguments: Engine.allCases)
    func pages(engine: Engine) async throws {
        try await StoreFixture.run(engine) { store in
            for index in 10..<20 {
                _ = try await store.create(store.payment("pay_\(index)", reference: "r\(index % 2)x\(index)"))
            }
            _ = try await store.create(store.payment("pay_99", merchant: "shop2"))
            var filter = PaymentFilter(merchants: ["shop1"])
            filter.limit = 4
            var seen: [String] = []
            while true {
                let page = try await store.storage.payments(filter)
                guard let last = page.last else { break }
                seen += page.map(\.id)
                filter.before = last.id
            }
            #expect(seen == (10..<20).reversed().map { "pay_\($0)" })
            var one = PaymentFilter(merchants: ["shop1", "shop2"])
            one.outTradeNo = "NUMBERpay_99"
            #expect(try await store.storage.payments(one).map(\.id) == ["pay_99"])
            one.scopes = [MerchantScope("shop1")]
            #expect(try await store.storage.payments(one).isEmpty)
            #expect(try await store.storage.payments(PaymentFilter(merchants: [])).isEmpty)
            one.outTradeNo = "' OR 1=1 --"
            #expect(try await store.storage.payments(one).isEmpty)
        }
    }

    @Test(
        "Each sub-merchant has references and payments of its own, and who sees one sees nothing of another's",
        arguments: Engine.allCases)
    func subMerchants(engine: Engine) async throws {
        try await StoreFixture.run(engine) { store in
            // An event's id follows from the 26 characters of the payment's.
            func id(_ number: Int) -> String { "pay_" + String(repeating: "0", count: 25) + String(number) }
            func payment(_ id: String, _ sub: String?) -> Payment {
                Payment(
                    merchant: "sp", id: id, version: 1, channel: .v3, method: .native, mchid: "1900000009", appid: "wx1",
                    subMchid: sub, outTradeNo: "NUMBER" + id, amount: Money(fen: 100), description: "茶", attach: nil,
                    reference: "A", openID: nil, notifyURL: "https://a/b",
                    prepay: Prepay(kind: .codeURL, text: "weixin://x", since: store.clock.now), createdAt: store.clock.now,
                    expiresAt: store.clock.now.advanced(by: .seconds(1800)))
            }
            for (id, sub) in [(id(1), "11"), (id(2), "12"), (id(3), nil)] as [(String, String?)] {
                #expect(try await store.create(payment(id, sub)))
                let found = try await store.storage.write("sp") {
                    try $0.openPayment(merchant: "sp", subMchid: sub, reference: "A")
                }
                #expect(found?.id == id)
                try await store.book(.closed, on: id, merchant: "sp")
            }
            #expect(try await store.create(payment(id(4), "11")))
            #expect(try await store.create(payment(id(5), "11")) == false, "one open payment a reference")
            _ = try await store.create(store.payment(id(6)))
            try await store.book(.closed, on: id(6))
            #expect(try await store.storage.publishEvents(limit: 10) == 4)

            let cases: [([MerchantScope], [String], [String])] = [
                ([MerchantScope("sp")], [id(4), id(3), id(2), id(1)], [id(1), id(2), id(3)]),
                ([MerchantScope("sp", subMchids: ["12"])], [id(2)], [id(2)]),
                (
                    [MerchantScope("sp", subMchids: ["11", "13"]), MerchantScope("shop1")], [id(6), id(4), id(1)],
                    [id(1), id(6)]
                ),
                ([MerchantScope("sp", subMchids: [])], [], []),
            ]
            for (scopes, payments, events) in cases {
                #expect(try await store.storage.payments(PaymentFilter(scopes)).map(\.id) == payments)
                // Events of one moment have no order of their own.
                #expect(try await store.storage.events(scopes, after: 0, limit: 10).compactMap(\.paymentID).sorted() == events)
            }
        }
    }
}
