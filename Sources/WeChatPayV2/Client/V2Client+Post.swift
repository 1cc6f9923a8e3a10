import HTTPTypes

extension V2Client {
    /// Sends a request to any path of the API v2, signed; its answer is verified.
    ///
    /// `mch_id`, `nonce_str`, `sign_type` and `sign` are put in here.
    ///
    /// - Parameters:
    ///   - path: begins with `/`, without query.
    ///   - fields: what the operation wants.
    ///   - needsCertificate: whether WeChat demands the merchant's certificate there.
    ///   - isIdempotent: whether the request may be sent again when its outcome is unknown.
    /// - Returns: the fields of an answer with `return_code` and `result_code` SUCCESS and a valid signature.
    /// - Throws: ``WeChatPayError``; see its ``WeChatPayError/advice``. What WeChat refuses without a signature
    ///   (`return_code` FAIL) is a hint: `refused`, not verified.
    public func post(
        _ path: String, _ fields: XMLFields, needsCertificate: Bool = false, isIdempotent: Bool
    ) async throws(WeChatPayError) -> XMLFields {
        let call = try call(path, fields, needsCertificate: needsCertificate)
        return try await attempts(isIdempotent).run { attempt throws(WeChatPayError) in
            try await judge(exchange(call, with: baseURL.host(ofAttempt: attempt)), of: fields)
        }
    }

    func attempts(_ isIdempotent: Bool) -> Attempts { Attempts(most: isIdempotent ? options.attempts : 1, clock: clock) }

    /// One request, before it is signed.
    struct Call {
        let path: String
        let fields: XMLFields
        let transport: any Transport
    }

    func call(_ path: String, _ fields: XMLFields, needsCertificate: Bool) throws(WeChatPayError) -> Call {
        guard path.hasPrefix("/"),
            path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") })
        else { throw WeChatPayError(.invalidArgument, "path: not an absolute, percent-encoded path without query") }
        var chosen = transport
        if needsCertificate {
            guard let certificateTransport else {
                throw WeChatPayError(
                    .invalidArgument, "\(path) wants the merchant's certificate: give the client a certificateTransport")
            }
            chosen = certificateTransport
        }
        // `NOT_UTF8`, says WeChat of a character of four bytes, and does not say where it is.
        if let name = fields.firstName(where: { $0.contains { $0 >= 0xF0 } }) {
            throw WeChatPayError(.invalidArgument, "\(name): a character of four UTF-8 bytes (an emoji)")
        }
        return Call(path: path, fields: fields, transport: chosen)
    }

    /// One attempt, signed afresh: its answer as it comes.
    func send(
        _ call: Call, to host: BaseURL, signType: V2SignType? = nil, timeout: Duration? = nil
    ) async throws(WeChatPayError) -> TransportResponse {
        let signType = signType ?? merchant.signType
        var fields = call.fields
        fields["mch_id"] = merchant.mchid
        fields["nonce_str"] = random.alphanumeric(32)
        // Absent means MD5; said, it is signed too.
        if signType != .md5 { fields["sign_type"] = signType.rawValue }
        fields["sign"] = V2Signature.sign(fields, key: merchant.apiKey, type: signType)
        var head = HTTPFields()
        head[.userAgent] = options.userAgent
        head[.contentType] = "text/xml; charset=utf-8"
        head[.accept] = "*/*"
        let request = TransportRequest(
            head: HTTPRequest(
                method: .post, scheme: host.scheme, authority: host.authority, path: call.path, headerFields: head),
            body: try fields.document())
        do {
            return try await call.transport.send(request, deadline: timeout ?? options.timeout)
        } catch {
            throw WeChatPayError.transport(error)
        }
    }

    private func exchange(_ call: Call, with host: BaseURL) async throws(WeChatPayError) -> V2RawAnswer {
        let response = try await send(call, to: host)
        do {
            return V2RawAnswer(
                status: response.head.status.code, body: try await response.body.collect(upTo: XMLReader.maximumBytes))
        } catch {
            throw WeChatPayError.transport(error)
        }
    }

    /// Reads, verifies, and only then believes.
    ///
    /// A signature does not say which question it answers: who is paid must be whom the request named.
    func judge(_ raw: V2RawAnswer, of request: XMLFields) throws(WeChatPayError) -> XMLFields {
        guard raw.status == 200 else { throw raw.refusal }
        let fields: XMLFields
        do throws(WeChatPayError) {
            fields = try XMLReader.read(raw.body)
            guard let code = fields["return_code"] else {
                throw WeChatPayError(.malformed, "the answer: return_code is missing")
            }
            guard code == "SUCCESS" else { throw V2RawAnswer.hint(fields) }
            try V2Signature.verify(fields, key: merchant.apiKey, type: merchant.signType)
        } catch {
            throw error.found(status: raw.status)
        }
        for (name, asked) in [
            ("mch_id", merchant.mchid), ("appid", request["appid"]), ("sub_mch_id", request["sub_mch_id"]),
        ] {
            guard let asked, let answered = fields.optionalText(name), answered != asked else { continue }
            throw WeChatPayError(.malformed, "the answer: \(name) is another merchant's", status: 200, isVerified: true)
        }
        guard fields["result_code"] == "SUCCESS" else { throw V2RawAnswer.refusal(fields) }
        return fields
    }
}

/// An answer as it came, before anything of it is believed.
struct V2RawAnswer {
    let status: Int
    let body: [UInt8]

    /// An answer of a gateway, or of a port that wants a certificate: no XML, no signature.
    var refusal: WeChatPayError {
        let text = String(decoding: body.prefix(4096), as: UTF8.self)
        let why =
            text.contains("No required SSL certificate")
            ? "WeChat wants the merchant's certificate (apiclient_cert.p12) and saw none" : "no answer of API v2"
        return WeChatPayError(.refused, why, status: status)
    }

    /// `return_code` FAIL: nobody has signed that.
    static func hint(_ fields: XMLFields) -> WeChatPayError {
        let message = short(fields["return_msg"]) ?? "no return_msg"
        return WeChatPayError(
            .refused, "return_code FAIL: \(message) (unsigned)", status: 200,
            wechatCode: code(of: message) ?? code(fields["err_code"]) ?? code(fields["error_code"]))
    }

    /// The code that WeChat means, where it sends words alone.
    private static func code(of message: String) -> WeChatErrorCode? {
        let words: [(String, WeChatErrorCode)] = [
            ("签名", .signError), ("SIGN", .signError), ("SYSTEMERROR", .systemError), ("系统错误", .systemError),
            ("系统繁忙", .systemError), ("mch_id不匹配", .appidMchidNotMatch), ("缺少参数", .lackParams),
            ("XML格式错误", .xmlFormatError), ("数据为空", .postDataEmpty), ("编码格式错误", .notUTF8),
        ]
        let message = message.filter { $0 != " " }
        return words.first { message.uppercased().contains($0.0.uppercased()) }?.1
    }

    private static func code(_ text: String?) -> WeChatErrorCode? {
        short(text, 32).map { WeChatErrorCode(rawValue: $0) }
    }

    /// `result_code` other than SUCCESS, signed.
    static func refusal(_ fields: XMLFields) -> WeChatPayError {
        guard fields["result_code"] != nil else {
            return WeChatPayError(.malformed, "the answer: result_code is missing", status: 200, isVerified: true)
        }
        return WeChatPayError(
            .refused, short(fields["err_code_des"]) ?? "no err_code_des", status: 200,
            wechatCode: code(fields["err_code"]), isVerified: true)
    }

    private static func short(_ text: String?, _ length: Int = 256) -> String? {
        text.map { oneLine($0, length) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
