/// The argument of `wx.requestPayment`, field by field (《小程序调起支付》). Its JSON goes to the mini-program as it is.
public struct RequestPaymentParameters: Hashable, Sendable, Codable {
    /// Seconds since 1970, as a text.
    public let timeStamp: String
    /// 32 letters and digits.
    public let nonceStr: String
    /// `prepay_id=…`.
    public let package: String
    /// `RSA`.
    public let signType: String
    /// The merchant's signature in Base64.
    public let paySign: String

    init(timeStamp: String, nonceStr: String, package: String, paySign: String) {
        self.timeStamp = timeStamp
        self.nonceStr = nonceStr
        self.package = package
        signType = "RSA"
        self.paySign = paySign
    }
}
