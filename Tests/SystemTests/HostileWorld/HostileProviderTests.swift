import PaymentPrimitives
import Testing
import WeChatPaySandbox

@Suite("The hostile world: a service provider's notifications", .serialized)
struct HostileProviderTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let change: @Sendable (inout ForgedTransaction) -> Void

        var testDescription: String { "row 39: \(name)" }
    }

    static let rows = [
        Row(name: "another sub-merchant of the same provider") { $0.subMchid = "1900000102" },
        Row(name: "a sub-merchant of nobody's") { $0.subMchid = "1900000999" },
        Row(name: "a direct merchant's order") { $0.subMchid = nil },
        Row(name: "another provider") { $0.mchid = "1900000001" },
        Row(name: "another app") { $0.appid = "wx0000000000000001" },
        Row(name: "one fen less") { $0.amount = #"{"total":99,"payer_total":99,"currency":"CNY"}"# },
    ]

    @Test("Row 39: a well signed success for another sub-merchant is refused, and the truth believed", arguments: rows)
    func otherSubMerchant(_ row: Row) async throws {
        try await RunningSystem.run(ProviderTests.options) { system in
            let number = system.number()
            let made = try await system.createPayment(
                ProviderTests.body(system, number, sub: "1900000101"), key: number, token: system.providerKey)
            try #require(made.status == 201, "\(made.text)")
            let forger = Forger(merchant: system.sandbox.merchants[2])
            var truth = forger.success(outTradeNo: number, total: 100)
            truth.subMchid = "1900000101"
            var lie = truth
            row.change(&lie)
            try await system.expectRefused(400...499, logged: 1...1) {
                [try await system.notify(forger.notification(lie.json), to: "provider")]
            }
            let answer = try await system.notify(forger.notification(truth.json), to: "provider")
            #expect(answer.status == 204, "\(answer.text)")
            #expect(try await system.rows.booked(outTradeNo: number).state == "paid")
        }
    }

    @Test("Row 39: a direct merchant's payment is not paid by a service provider's order")
    func directMerchant() async throws {
        try await RunningSystem.run { system in
            let payment = try await system.payment()
            var lie = system.forger.success(of: payment)
            lie.subMchid = "1900000101"
            try await system.expectRefused(400...499, logged: 1...1) {
                [try await system.notify(system.forger.notification(lie.json))]
            }
        }
    }
}
