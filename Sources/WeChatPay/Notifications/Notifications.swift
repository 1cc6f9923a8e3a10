import HTTPTypes

/// What WeChat tells by itself: `client.notifications`.
public struct Notifications: Sendable {
    let client: Client

    /// Verifies, opens and reads a notification (《支付结果通知》, 《退款结果通知》).
    ///
    /// Hand in the raw bytes of the body: a body that was decoded and encoded again has another signature. Answer 200 or
    /// 204 within five seconds, but only when what it says is on disk; any error is answered with 4xx or 5xx, and WeChat
    /// sends again.
    ///
    /// Whether the merchant, app id, number, amount and currency are the expected ones is for the caller to check.
    ///
    /// - Throws: ``WeChatPayError`` with code `signatureMissing`, `signatureInvalid`, `signatureExpired`,
    ///   `unknownPlatformKey`; and, after verification (``WeChatPayError/isVerified``), `malformed` or `decryptionFailed`.
    public func parse(headers: HTTPFields, body: [UInt8]) async throws(WeChatPayError) -> Notification {
        guard body.count <= client.options.responseLimit else {
            throw WeChatPayError(.responseTooLarge, "the notification is longer than \(client.options.responseLimit) bytes")
        }
        try await client.verify(headers, body)
        do throws(WeChatPayError) {
            let envelope = try decodeStrictly(NotificationEnvelope.self, body, "the notification").get()
            return try envelope.open(key: client.merchant.apiV3Key)
        } catch {
            throw WeChatPayError(
                error.code, "the signature is valid, but: \(error.message)", underlying: error.underlying, isVerified: true,
                file: error.file, line: error.line)
        }
    }
}
