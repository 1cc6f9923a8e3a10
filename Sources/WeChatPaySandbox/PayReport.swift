import PaymentPrimitives

/// The order that a user pays.
public enum PaymentTarget: Sendable, Hashable {
    /// By the id that the page or the app was given.
    case prepayID(String)
    /// By scanning a QR code: the `code_url` of a Native order.
    case codeURL(String)
    /// By opening the `h5_url` of an H5 order, with or without `redirect_url`.
    case h5URL(String)
    /// By the merchant's own number, of an order or of a combined order.
    case outTradeNo(String, mchid: String)
}

/// What the user does at the payment sheet.
public enum PayOutcome: String, Sendable, CaseIterable {
    /// Pays and returns to the page.
    case success
    /// Closes the sheet.
    case cancel
    /// Does not know the password.
    case wrongPassword = "wrong_password"
    /// Has not enough money.
    case insufficient
    /// Pays and kills the app: no callback ever reaches the page, as happens on iOS.
    case successThenKillApp = "success_then_kill_app"

    /// What becomes of the payment because of it; `nil` when it is paid.
    var reason: String? {
        switch self {
        case .cancel: "cancel"
        case .wrongPassword: "支付密码错误"
        case .insufficient: "余额不足"
        case .success, .successThenKillApp: nil
        }
    }
}

/// How a visit to the payment sheet ended.
public struct PayReport: Sendable, Equatable {
    /// What `wx.requestPayment` and `getBrandWCPayRequest` report of a JSAPI order, for example `requestPayment:ok`; `nil`
    /// when the page hears nothing, and for the other ways of paying, which have no such callback.
    public let errMsg: String?
    /// What the OpenSDK reports to an app of an APP order: 0 paid, -1 failed, -2 cancelled; `nil` when the app hears
    /// nothing, and for the other ways of paying.
    public let errCode: Int?
    /// Why it was not paid, as the user reads it; `nil` when it was.
    public let reason: String?
    /// What the order is now.
    public let tradeState: SandboxOrder.TradeState
    /// WeChat's number of the payment, when there is one; of a combined order, the number of its first part.
    public let transactionID: String?

    static func failed(_ order: SandboxOrder, _ reason: String) -> PayReport {
        PayReport(order, reason: reason, isHeard: true, code: reason == PayOutcome.cancel.reason ? -2 : -1)
    }

    static func succeeded(_ order: SandboxOrder, isHeard: Bool) -> PayReport {
        PayReport(order, reason: nil, isHeard: isHeard, code: 0)
    }

    private init(_ order: SandboxOrder, reason: String?, isHeard: Bool, code: Int) {
        let text = reason.map { "requestPayment:fail " + $0 } ?? "requestPayment:ok"
        errMsg = isHeard && order.tradeType == PrepayMethod.jsapi.tradeType ? text : nil
        errCode = isHeard && order.tradeType == PrepayMethod.app.tradeType ? code : nil
        self.reason = reason
        tradeState = order.tradeState
        transactionID = order.transactionID
    }
}
