import SQLDatabase
import Testing

@Suite("The shop on disk")
struct ShopSchemaTests {
    @Test("A fulfilment is never changed, removed or repeated")
    func appendOnly() async throws {
        try await RunningSystem.run { system in
            let buyer = try await Buyer(system)
            let order = try await buyer.openOrder()
            try await buyer.pay(order)
            try await buyer.expectFulfilledOnce(order)
            for statement in [
                "UPDATE shop_fulfilments SET created_at = 0", "DELETE FROM shop_fulfilments",
                "INSERT OR REPLACE INTO shop_fulfilments SELECT * FROM shop_fulfilments",
                "INSERT INTO shop_fulfilments SELECT * FROM shop_fulfilments",
                "UPDATE shop_orders SET state = 'unpaid'", "UPDATE shop_orders SET fulfilled_at = NULL",
                "UPDATE shop_orders SET total = 0",
            ] {
                await #expect(throws: DatabaseError.constraint, "\(statement)") { try await system.rows.execute(statement) }
            }
            try await buyer.expectFulfilledOnce(order)
        }
    }
}
