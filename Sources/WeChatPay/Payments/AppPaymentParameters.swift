/// What an app hands to WeChat's OpenSDK, field by field (《APP调起支付》). Its JSON goes to the app as it is.
public struct AppPaymentParameters: Hashable, Sendable, Codable {
    /// The app id of the order.
    public let appId: String
    /// The merchant number; a service provider's own.
    public let partnerId: String
    /// The prepayment session, bare.
    public let prepayId: String
    /// `Sign=WXPay`. On iOS the field is called `package`.
    public let packageValue: String
    /// 32 letters and digits.
    public let nonceStr: String
    /// Seconds since 1970, as a text.
    public let timeStamp: String
    /// The merchant's signature, in Base64; of API v2 in hexadecimal.
    public let sign: String

    package init(appId: String, partnerId: String, prepayId: String, nonceStr: String, timeStamp: String, sign: String) {
        self.appId = appId
        self.partnerId = partnerId
        self.prepayId = prepayId
        packageValue = "Sign=WXPay"
        self.nonceStr = nonceStr
        self.timeStamp = timeStamp
        self.sign = sign
    }
}
