import PaymentPrimitives
import Testing

@testable import Payments

/// What a client may ask for is checked before anything is written or sent.
@Suite struct NewPaymentTests {
    static let now = Timestamp(seconds: 1_700_000_000)
    static let merchant = MerchantContext(
        id: "shop", mchid: "1900000001", appids: ["wx1"], newPayments: .v3, channels: [:], notifyURLs: [:],
        orderTTL: .seconds(1800))

    static func request(_ change: (inout NewPayment) -> Void = { _ in }) -> NewPayment {
        var request = NewPayment(
            merchant: "shop", appid: "wx1", method: .miniProgram, amount: Money(fen: 1), description: "苹果")
        request.openID = "o1"
        change(&request)
        return request
    }

    @Test("A complete request passes, at the edges of every length")
    func accepted() throws {
        try Self.request().validate(for: Self.merchant, now: Self.now)
        try Self.request {
            $0.description = String(repeating: "汉", count: 42)
            $0.attach = String(repeating: "a", count: 128)
            $0.outTradeNo = "a_-|*1"
            $0.expiresAt = Self.now.advanced(by: .seconds(60))
        }.validate(for: Self.merchant, now: Self.now)
        try Self.request { $0.outTradeNo = String(repeating: "Z", count: 32) }.validate(for: Self.merchant, now: Self.now)
    }

    typealias Change = @Sendable (inout NewPayment) -> Void

    static let wrong: [(String, Change)] = [
        ("appid", { $0.appid = "wx2" }), ("amount.total", { $0.amount = Money(fen: 0) }),
        ("amount.total", { $0.amount = Money(fen: -5) }),
        ("amount.total", { $0.amount = Money(fen: .max) }),
        ("amount.currency", { $0.amount = Money(fen: 1, currency: Currency(rawValue: "USD")) }),
        ("description", { $0.description = "" }), ("description", { $0.description = String(repeating: "汉", count: 43) }),
        ("description", { $0.description = "apple 🍎" }), ("description", { $0.description = "a\nb" }),
        ("attach", { $0.attach = String(repeating: "a", count: 129) }), ("out_trade_no", { $0.outTradeNo = "12345" }),
        ("out_trade_no", { $0.outTradeNo = String(repeating: "1", count: 33) }),
        ("out_trade_no", { $0.outTradeNo = "order 1" }), ("out_trade_no", { $0.outTradeNo = "订单123456" }),
        ("reference", { $0.reference = "" }), ("openid", { $0.openID = nil }), ("openid", { $0.openID = "" }),
        ("expires_at", { $0.expiresAt = Self.now.advanced(by: .seconds(59)) }),
        ("expires_at", { $0.expiresAt = Self.now.advanced(by: .seconds(91 * 86_400)) }),
    ]

    @Test("A wrong field is refused by its name", arguments: wrong.indices)
    func refused(_ row: Int) {
        let (field, change) = Self.wrong[row]
        let error = #expect(throws: PaymentError.self) {
            try Self.request(change).validate(for: Self.merchant, now: Self.now)
        }
        #expect(error?.code == .invalidRequest)
        #expect(error?.field == field)
    }
}
