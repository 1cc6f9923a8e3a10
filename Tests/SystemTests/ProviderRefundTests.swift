import PaymentPrimitives
import SQLDatabase
import Testing
import WeChatPaySandbox

@Suite("A service provider gives its sub-merchants' money back")
struct ProviderRefundTests {
    @Test("A refund is its sub-merchant's: asked for in its name, checked by it, and seen by nobody else's client")
    func refunds() async throws {
        try await RunningSystem.run(ProviderTests.options) { system in
            let provider = system.sandbox.merchants[2]
            let openid = try #require(system.sandbox.users.first { $0.appid == provider.appid }).openid
            func paid(_ sub: String) async throws -> String {
                let number = system.number()
                let made = try await system.createPayment(
                    ProviderTests.body(system, number, sub: sub), key: number, token: system.providerKey)
                try #require(made.status == 201, "\(made.text)")
                try await system.sandbox.pay(.outTradeNo(number, mchid: provider.mchid), openid: openid)
                try await eventually("it is booked") { try await system.rows.booked(outTradeNo: number).state == "paid" }
                return try #require(made.string("payment.id"))
            }
            func refund(_ payment: String, token: String) async throws -> WebAnswer {
                try await system.web.post(
                    "/v1/payments/\(payment)/refunds", #"{"amount":{"refund":40}}"#, token: token,
                    headers: [("Idempotency-Key", system.number("K"))])
            }
            let (own, other) = (try await paid("1900000101"), try await paid("1900000102"))
            #expect(try await refund(other, token: system.subMerchantKey).status == 404)
            let mine = try await refund(own, token: system.subMerchantKey)
            #expect(mine.status == 201 && mine.string("refund.state") == "processing", "\(mine.text)")
            #expect(mine.string("refund.sub_mchid") == "1900000101")
            let theirs = try await refund(other, token: system.providerKey)
            #expect(theirs.status == 201, "\(theirs.text)")
            let id = try #require(theirs.string("refund.id"))
            #expect(try await system.web.get("/v1/refunds/\(id)", token: system.subMerchantKey).status == 404)
            #expect(try await system.web.post("/v1/refunds/\(id)/sync", token: system.subMerchantKey).status == 404)
            #expect(try await system.web.get("/v1/refunds", token: system.subMerchantKey).count("refunds") == 1)
            #expect(try await system.web.get("/v1/refunds", token: system.providerKey).count("refunds") == 2)
            try await system.advance(by: 12)
            try await eventually("both went back") {
                try await system.rows.integer("SELECT COUNT(*) FROM refunds WHERE state = 'succeeded'") == 2
            }
            try await eventually("the events are published") {
                system.clock.advance(by: .seconds(2))
                let events = try await system.web.get("/v1/events", token: system.providerKey)
                return (0..<4).count { events.string("events.\($0).type") == "refund.succeeded" } == 2
            }
            let events = try await system.web.get("/v1/events", token: system.subMerchantKey)
            #expect((0..<4).count { events.string("events.\($0).type") == "refund.succeeded" } == 1, "\(events.text)")
            #expect(!events.text.contains(id))
        }
    }
}
