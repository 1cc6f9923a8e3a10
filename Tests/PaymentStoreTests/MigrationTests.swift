import DatabaseHarness
import PaymentPrimitives
import PaymentStore
import Payments
import SQLDatabase
import Testing

@Suite("Databases of earlier versions")
struct MigrationTests {
    @Test("A payment of the first version is the same payment in this one", arguments: Engine.allCases)
    func fromFirst(engine: Engine) async throws {
        try await engine.withDatabase { database in
            let clock = ManualClock()
            _ = try await Migrator([PaymentSchema.migrations[0]], clock: clock).migrate(database)
            let now = clock.now
            _ = try await database.write("shop1") { sql in
                for (id, prepay) in [("pay_1", SQLValue.text("wx-prepay")), ("pay_2", .null)] {
                    try sql.execute(
                        """
                        INSERT INTO payments (merchant, id, version, channel, method, mchid, appid, out_trade_no, total, currency,
                            description, reference, openid, notify_url, state, prepay_id, prepaid_at, created_at, expires_at, query_count)
                        VALUES ('shop1', $1, 2, 'v3', 'jsapi', '1900000001', 'wx1', $1, 100, 'CNY', '茶', $1, 'o', 'https://a/b',
                            'pending', $2, $3, $3, $3, 0)
                        """, .text(id), prepay, SQLValue(now))
                }
            }
            _ = try await Migrator(PaymentSchema.migrations, clock: clock).migrate(database)
            let storage = SQLPaymentStorage(database)
            let first = try await storage.payment(merchant: "shop1", id: "pay_1")
            #expect(first?.prepay == Prepay(kind: .prepayID, text: "wx-prepay", since: now))
            #expect(first?.options == PaymentOptions() && first?.subMchid == nil && first?.chargedAt == nil)
            #expect(try await storage.payment(merchant: "shop1", id: "pay_2")?.prepay == nil)
            let open = try await storage.write("shop1") {
                try $0.openPayment(merchant: "shop1", subMchid: nil, reference: "pay_1")
            }
            #expect(open?.id == "pay_1")
        }
    }
}
