/// How the payer pays.
package enum PaymentMethod: String, Sendable, CaseIterable {
    /// 小程序支付.
    case miniProgram = "mini_program"
    /// JSAPI in the official account's pages: the same order, handed to another client API.
    case jsapi
    /// Native 支付: the payer scans a code that we show.
    case native
    /// H5 支付: in a browser of the phone, outside of WeChat.
    case h5
    /// APP 支付: in the merchant's own app.
    case app
    /// 付款码支付: we scan the code that the payer shows.
    case codePay = "codepay"

    /// What the payer needs from WeChat to pay; nil where the order itself takes the money.
    package var prepayKind: Prepay.Kind? {
        switch self {
        case .miniProgram, .jsapi, .app: .prepayID
        case .native: .codeURL
        case .h5: .h5URL
        case .codePay: nil
        }
    }

    /// Whether WeChat is told who pays when the order is placed.
    var needsOpenID: Bool {
        switch self {
        case .miniProgram, .jsapi: true
        case .native, .h5, .app, .codePay: false
        }
    }

    /// The names, for messages.
    package static let names = allCases.map(\.rawValue).joined(separator: ", ")
}
