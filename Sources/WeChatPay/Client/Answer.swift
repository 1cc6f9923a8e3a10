import HTTPTypes

/// A successful answer of WeChat (2xx) whose signature was checked.
public struct Answer: Sendable {
    /// The HTTP status: 200, 202, 204.
    public let status: Int
    /// The raw bytes that were signed.
    public let body: [UInt8]
    /// WeChat's `Request-ID`.
    public let requestID: String?

    /// Reads the body as JSON, strictly: no key twice, numbers written as integers, see RFC 8259.
    ///
    /// - Throws: ``WeChatPayError`` with code `malformed`.
    public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws(WeChatPayError) -> Value {
        try decodeStrictly(type, body, "the answer").get { $0.found(status: status, requestID: requestID, isVerified: true) }
    }

    /// What is wrong with the answer, though WeChat signed it.
    func malformed(_ what: String) -> WeChatPayError {
        WeChatPayError(.malformed, "the answer: \(what)", status: status, requestID: requestID, isVerified: true)
    }
}

/// An answer as it came, before anything of it is believed.
struct RawAnswer {
    let status: Int
    let fields: HTTPFields
    let body: [UInt8]

    init(status: Int, fields: HTTPFields, body: [UInt8]) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// Reads the whole answer, at most `limit` bytes of body.
    init(_ response: TransportResponse, limit: Int) async throws {
        let body = try await response.body.collect(upTo: limit)
        self.init(status: response.head.status.code, fields: response.head.headerFields, body: body)
    }

    var requestID: String? {
        fields[.wechatRequestID].map { String($0.prefix(128)) }
    }
}

/// Passes bytes through the strict scanner, then decodes them.
func decodeStrictly<Value: Decodable>(
    _ type: Value.Type, _ bytes: [UInt8], _ what: String
) -> Result<Value, WeChatPayError> {
    do {
        return .success(try StrictJSON.decode(type, from: bytes))
    } catch {
        return .failure(WeChatPayError(.malformed, "\(what): \(StrictJSON.explain(error))"))
    }
}

extension Result where Failure == WeChatPayError {
    /// The value, or the error with something added.
    func get(_ adding: (WeChatPayError) -> WeChatPayError) throws(WeChatPayError) -> Success {
        try mapError(adding).get()
    }
}
