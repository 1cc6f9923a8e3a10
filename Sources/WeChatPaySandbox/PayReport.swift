import PaymentPrimitives

/// The order that a user pays.
public enum PaymentTarget: Sendable, Hashable {
    /// By the id that the page was given.
    case prepayID(String)
    /// By the merchant's own number.
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
}

/// How a visit to the payment sheet ended.
public struct PayReport: Sendable, Equatable {
    /// What `wx.requestPayment` reports, for example `requestPayment:ok`; `nil` when the page hears nothing.
    public let errMsg: String?
    /// What the order is now.
    public let tradeState: SandboxOrder.TradeState
    /// WeChat's number of the payment, when there is one.
    public let transactionID: String?
}
