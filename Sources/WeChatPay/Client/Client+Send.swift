import HTTPTypes

/// One request to the API v3.
struct Call: Sendable {
    var method: HTTPRequest.Method
    /// Path and query, percent-encoded exactly as they are signed and sent.
    var path: String
    var body: [UInt8]
    var isIdempotent: Bool
    var contentType = "application/json"
    /// What is signed in the body's place: of an upload, only its description.
    var signedBody: [UInt8]?
    /// The serial of the key with which fields of the body are encrypted.
    var encryptionSerial: String?
}

extension Client {
    /// Sends a request to any path of the API v3: the one way all calls go.
    ///
    /// - Parameters:
    ///   - method: GET, POST, …
    ///   - path: begins with `/`, percent-encoded, without query.
    ///   - query: names and values, not yet encoded.
    ///   - body: JSON; exactly these bytes are signed and sent.
    ///   - isIdempotent: whether the request may be sent again when its outcome is unknown.
    ///   - encryptionSerial: where fields of the body are encrypted, ``EncryptedText/serial`` of all of them.
    /// - Returns: an answer of status 2xx whose signature is valid.
    /// - Throws: ``WeChatPayError``; see its ``WeChatPayError/advice``.
    public func send(
        _ method: HTTPRequest.Method, _ path: String, query: [(name: String, value: String)] = [], body: [UInt8] = [],
        isIdempotent: Bool, encryptionSerial: String? = nil
    ) async throws(WeChatPayError) -> Answer {
        guard path.hasPrefix("/"),
            path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") })
        else { throw WeChatPayError(.invalidArgument, "path: not an absolute, percent-encoded path without query") }
        guard encryptionSerial?.isToken != false else {
            throw WeChatPayError(.invalidArgument, "Wechatpay-Serial: neither a certificate serial nor a public key id")
        }
        return try await send(
            Call(
                method: method, path: PercentEncoding.path(path, query: query), body: body, isIdempotent: isIdempotent,
                encryptionSerial: encryptionSerial))
    }

    /// Sends a call whose path is checked; its answer is verified.
    func send(_ call: Call) async throws(WeChatPayError) -> Answer {
        do throws(WeChatPayError) {
            try await refreshKeysIfDue()
        } catch {
            // With a key at hand the answer can be verified; without one, nothing is sent.
            if keys.isEmpty(at: clock.now) { throw error }
        }
        return try await repeating(call) { raw throws(WeChatPayError) in
            try await verify(raw.fields, raw.body)
        }
    }

    /// Sends a call as often as it may be sent; `verify` decides whether an answer is WeChat's.
    func repeating(
        _ call: Call, verify: (RawAnswer) async throws(WeChatPayError) -> Void
    ) async throws(WeChatPayError) -> Answer {
        try await repeating(isIdempotent: call.isIdempotent) { attempt throws(WeChatPayError) in
            try await judge(exchange(call, with: host(attempt)), verify: verify)
        }
    }

    /// Does a piece of work as often as it may be done; it is told the number of the attempt, from 1.
    func repeating<Value>(
        isIdempotent: Bool, _ work: (Int) async throws(WeChatPayError) -> Value
    ) async throws(WeChatPayError) -> Value {
        try await Attempts(most: isIdempotent ? options.attempts : 1, clock: clock).run(work)
    }

    /// Every second attempt goes to the backup host, when the base URL is WeChat's own.
    private func host(_ attempt: Int) -> BaseURL { baseURL.host(ofAttempt: attempt) }

    /// One attempt: signs afresh, sends, reads the whole answer.
    private func exchange(_ call: Call, with host: BaseURL) async throws(WeChatPayError) -> RawAnswer {
        let request = try request(call, to: host)
        do {
            return try await RawAnswer(transport.send(request, deadline: options.timeout), limit: options.responseLimit)
        } catch {
            throw WeChatPayError.transport(error)
        }
    }

    /// The request as it is sent, signed now.
    func request(_ call: Call, to host: BaseURL) throws(WeChatPayError) -> TransportRequest {
        var fields = HTTPFields()
        fields[.authorization] = try merchant.authorization(
            method: call.method.rawValue, path: call.path, timestamp: clock.now.seconds, nonce: random.alphanumeric(32),
            body: call.signedBody ?? call.body)
        fields[.accept] = "application/json"
        fields[.userAgent] = options.userAgent
        if let language = options.acceptLanguage { fields[.acceptLanguage] = language }
        if !call.body.isEmpty { fields[.contentType] = call.contentType }
        if let serial = call.encryptionSerial ?? keys.preferredPublicKeyID { fields[.wechatpaySerial] = serial }
        return TransportRequest(
            head: HTTPRequest(
                method: call.method, scheme: host.scheme, authority: host.authority, path: call.path, headerFields: fields),
            body: call.body)
    }

    /// Verifies, then reads: an unsigned 2xx is no success, a signed error is WeChat's word, an unsigned one a hint.
    func judge(
        _ raw: RawAnswer, verify: (RawAnswer) async throws(WeChatPayError) -> Void
    ) async throws(WeChatPayError) -> Answer {
        let isSuccess = (200..<300).contains(raw.status)
        let isSigned = raw.fields.contains(.wechatpaySignature)
        if isSuccess || isSigned {
            do throws(WeChatPayError) {
                try await verify(raw)
            } catch {
                throw error.found(status: raw.status, requestID: raw.requestID)
            }
        }
        guard isSuccess else { throw ErrorBody.error(raw, isVerified: isSigned) }
        return Answer(status: raw.status, body: raw.body, requestID: raw.requestID)
    }
}

extension WeChatPayError {
    /// What a transport threw: an error of ours stays, any other becomes `transport`.
    package static func transport(_ error: any Error) -> WeChatPayError {
        if let error = error as? WeChatPayError { return error }
        let what = error is CancellationError ? "cancelled" : "the connection failed: \(type(of: error))"
        return WeChatPayError(.transport, "\(what); the request may have taken effect", underlying: error)
    }
}
