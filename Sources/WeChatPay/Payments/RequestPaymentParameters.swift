/// The argument of `wx.requestPayment`, field by field (《小程序调起支付》). Its JSON goes to the mini-program as it is.
public struct RequestPaymentParameters: Hashable, Sendable, Codable {
    /// Seconds since 1970, as a text.
    public let timeStamp: String
    /// 32 letters and digits.
    public let nonceStr: String
    /// `prepay_id=…`.
    public let package: String
    /// `RSA`; of an order of API v2 `MD5` or `HMAC-SHA256`.
    public let signType: String
    /// The merchant's signature, in Base64; of API v2 in hexadecimal.
    public let paySign: String

    package init(timeStamp: String, nonceStr: String, package: String, signType: String = "RSA", paySign: String) {
        self.timeStamp = timeStamp
        self.nonceStr = nonceStr
        self.package = package
        self.signType = signType
        self.paySign = paySign
    }
}
