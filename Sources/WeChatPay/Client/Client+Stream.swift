import HTTPTypes

extension Client {
    /// Reads a file that WeChat does not sign, as it comes: a bill, whose digest is in a signed answer.
    ///
    /// The request is signed. An answer of a status other than 2xx is judged as any other.
    ///
    /// - Parameters:
    ///   - path: path and query, percent-encoded, exactly as WeChat gave them.
    ///   - host: the one that WeChat named; there is no other for a file.
    ///   - deadline: how long it may take, the file included.
    func stream(_ path: String, from host: BaseURL, deadline: Duration) async throws(WeChatPayError) -> ResponseBody {
        let call = Call(method: .get, path: path, body: [], isIdempotent: true)
        return try await repeating(isIdempotent: true) { _ throws(WeChatPayError) in
            var request = try request(call, to: host)
            request.head.headerFields[.accept] = "*/*"
            let raw: RawAnswer
            do {
                let response = try await transport.send(request, deadline: deadline)
                if response.head.status.code == 200 { return response.body }
                raw = try await RawAnswer(response, limit: options.responseLimit)
            } catch {
                throw WeChatPayError.transport(error)
            }
            let answer = try await judge(raw) { raw throws(WeChatPayError) in try await verify(raw.fields, raw.body) }
            throw WeChatPayError(
                .malformed, "an answer of status \(answer.status) instead of a file", status: answer.status,
                requestID: answer.requestID)
        }
    }
}
