import Foundation

extension Merchant {
    /// The signature over a sign string, in Base64.
    func sign(_ message: [UInt8]) throws(WeChatPayError) -> String {
        do {
            return Data(try privateKey.signature(for: message)).base64EncodedString()
        } catch {
            throw WeChatPayError(.invalidKey, "the merchant's private key could not sign")
        }
    }

    /// The value of `Authorization`.
    func authorization(
        method: String, path: String, timestamp: Int64, nonce: String, body: [UInt8]
    ) throws(WeChatPayError) -> String {
        let signature = try sign(
            SignString.request(method: method, path: path, timestamp: timestamp, nonce: nonce, body: body))
        return "WECHATPAY2-SHA256-RSA2048 mchid=\"\(mchid)\",nonce_str=\"\(nonce)\",timestamp=\"\(timestamp)\","
            + "serial_no=\"\(serialNo)\",signature=\"\(signature)\""
    }
}
