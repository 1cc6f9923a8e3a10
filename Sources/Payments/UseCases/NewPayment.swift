import PaymentPrimitives

/// A payment that somebody wants to have, before it is checked.
package struct NewPayment: Sendable {
    /// 100 million yuan, in fen: more is a mistake.
    package static let maximum: Int64 = 10_000_000_000

    package var merchant: String
    package var appid: String
    package var method: PaymentMethod
    package var amount: Money
    package var description: String
    package var outTradeNo: String?
    package var reference: String?
    package var openID: String?
    package var attach: String?
    package var expiresAt: Timestamp?
    /// The sub-merchant that is paid, for a service provider.
    package var subMchid: String?
    package var subAppid: String?
    /// The 18 digits that the payer shows, for `codepay`. Charged once and kept nowhere.
    package var authCode: Secret?
    package var options = PaymentOptions()

    package init(merchant: String, appid: String, method: PaymentMethod, amount: Money, description: String) {
        self.merchant = merchant
        self.appid = appid
        self.method = method
        self.amount = amount
        self.description = description
    }
}
