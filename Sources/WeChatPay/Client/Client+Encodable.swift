import Foundation
import HTTPTypes

/// For every operation of WeChat that has no method of its own here: signed, verified and retried as the others are.
extension Client {
    /// Sends a request and reads the answer.
    ///
    /// ```swift
    /// struct Balance: Decodable {
    ///     let available: Int64
    ///     enum CodingKeys: String, CodingKey { case available = "available_amount" }
    /// }
    /// let balance: Balance = try await client.send(.get, "/v3/merchant/fund/balance/BASIC")
    /// ```
    ///
    /// - Parameters:
    ///   - method: GET, POST, …
    ///   - path: begins with `/`, percent-encoded, without query.
    ///   - query: names and values, not yet encoded.
    ///   - isIdempotent: whether the request may be sent again when its outcome is unknown. Default: GET may, others may
    ///     not; say `true` where WeChat recognises a repetition by a number of yours.
    /// - Returns: the answer's body, decoded as ``Answer/decode(_:)`` does.
    /// - Throws: ``WeChatPayError``; see its ``WeChatPayError/advice``.
    public func send<Result: Decodable>(
        _ method: HTTPRequest.Method, _ path: String, query: [(name: String, value: String)] = [],
        isIdempotent: Bool? = nil
    ) async throws(WeChatPayError) -> Result {
        try await send(
            method, path, query: query, body: [], isIdempotent: isIdempotent ?? (method == .get)
        ).decode(Result.self)
    }

    /// Sends a value as JSON and reads the answer.
    ///
    /// - Parameters:
    ///   - body: encoded with sorted keys. Its ``EncryptedText`` fields must all have one serial, which goes out as
    ///     `Wechatpay-Serial`.
    ///   - isIdempotent: as above; default `false` for everything but GET.
    /// - Throws: ``WeChatPayError``; `invalidArgument` for a value that cannot be encoded, or with several serials.
    public func send<Result: Decodable>(
        _ method: HTTPRequest.Method, _ path: String, query: [(name: String, value: String)] = [], body: some Encodable,
        isIdempotent: Bool? = nil
    ) async throws(WeChatPayError) -> Result {
        let answer = try await sendBody(method, path, query, body, isIdempotent)
        return try answer.decode(Result.self)
    }

    /// Sends a value as JSON where the answer has no body, or is read later.
    ///
    /// - Throws: as above.
    @discardableResult
    public func send(
        _ method: HTTPRequest.Method, _ path: String, query: [(name: String, value: String)] = [], body: some Encodable,
        isIdempotent: Bool? = nil
    ) async throws(WeChatPayError) -> Answer {
        try await sendBody(method, path, query, body, isIdempotent)
    }

    private func sendBody(
        _ method: HTTPRequest.Method, _ path: String, _ query: [(name: String, value: String)], _ body: some Encodable,
        _ isIdempotent: Bool?
    ) async throws(WeChatPayError) -> Answer {
        let (bytes, serial) = try RequestBody.encode(body)
        return try await send(
            method, path, query: query, body: bytes, isIdempotent: isIdempotent ?? (method == .get), encryptionSerial: serial)
    }
}

/// Turns a value into the JSON that is signed and sent, and notes which key its encrypted fields need.
enum RequestBody {
    /// - Returns: the bytes, and the serial of the key with which fields are encrypted.
    /// - Throws: `invalidArgument`.
    static func encode(_ value: some Encodable) throws(WeChatPayError) -> (bytes: [UInt8], serial: String?) {
        let serials = EncryptionSerials()
        let bytes: [UInt8]
        do {
            bytes = try StrictJSON.encode(value, userInfo: [.encryptionSerials: serials])
        } catch {
            throw WeChatPayError(.invalidArgument, "the body cannot be written as JSON: \(type(of: error))", underlying: error)
        }
        let found = serials.all
        guard found.count <= 1 else {
            throw WeChatPayError(
                .invalidArgument,
                "encrypted fields: \(found.count) different serials, but one request names one key; encrypt them with one SensitiveCipher"
            )
        }
        return (bytes, found.first)
    }
}
