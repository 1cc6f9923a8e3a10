/// The texts that are signed; every line ends with a line feed, the last one too.
///
/// Follows 《签名生成》, 《签名验证》 and 《小程序调起支付签名》.
enum SignString {
    /// Of a request. `path` carries the query and is percent-encoded exactly as it is sent; `body` is byte for byte what
    /// is sent.
    static func request(method: String, path: String, timestamp: Int64, nonce: String, body: [UInt8]) -> [UInt8] {
        Array("\(method)\n\(path)\n\(timestamp)\n\(nonce)\n".utf8) + body + [0x0A]
    }

    /// Of an answer or a notification; `timestamp` and `nonce` as their headers say.
    static func answer(timestamp: String, nonce: String, body: [UInt8]) -> [UInt8] {
        Array("\(timestamp)\n\(nonce)\n".utf8) + body + [0x0A]
    }

    /// Of the parameters that begin a payment: `package` is `prepay_id=…` for a page, the bare prepayment session for an app.
    static func payment(appid: String, timestamp: String, nonce: String, package: String) -> [UInt8] {
        Array("\(appid)\n\(timestamp)\n\(nonce)\n\(package)\n".utf8)
    }
}
