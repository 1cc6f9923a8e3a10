import HTTPTypes
import PaymentPrimitives
import WeChatPay

/// WeChat Pay as a value: a call goes in, an answer comes out, the state has changed. It does no I/O; what it wants to
/// send it leaves among the deliveries.
struct Engine: Sendable {
    let platform: Platform
    let options: Sandbox.Options
    let random: any RandomSource
    var state: SandboxState
    /// By merchant number, the keys that sign for it now.
    var rings: [String: KeyRing]
    var log = ActivityLog()
    /// The deliveries that have a next attempt.
    var pending: Set<String>
    /// Of these, the ones that are being sent.
    var inFlight: Set<String> = []
    /// Whether ``state`` differs from what was saved last.
    var isChanged = false

    init(
        platform: Platform, options: Sandbox.Options, random: any RandomSource, state: SandboxState
    ) throws(SandboxError) {
        self.platform = platform
        self.options = options
        self.random = random
        self.state = state
        rings = [:]
        for (mchid, account) in platform.accounts { rings[mchid] = try KeyRing(account, state.keys[mchid]) }
        pending = Set(state.deliveries.values.filter { $0.nextDue != nil }.map(\.id))
    }

    func moment(_ wire: Timestamp) -> Moment {
        Moment(wire: wire, business: wire.advanced(by: .milliseconds(state.clockOffset)))
    }

    /// The answer to a call that carries no signature: what the WeChat app platform has, and what a browser opens.
    mutating func answerUnsigned(_ call: Call, at moment: Moment) -> Answer {
        if call.segments == ["sns", "jscode2session"] { return codeToSession(call, at: moment) }
        if call.segments == PayLink.h5Path { return h5Page(call, at: moment) }
        return Answer(.noSuchPath)
    }

    /// The answer to a signed call.
    mutating func answer(_ call: Call, from account: Platform.Account, at moment: Moment) -> Answer {
        do throws(Fault) {
            try checkHeaders(call, account.merchant, at: moment)
            return try route(call, account, moment)
        } catch {
            return Answer(error)
        }
    }

    private mutating func route(_ call: Call, _ account: Platform.Account, _ moment: Moment) throws(Fault) -> Answer {
        let path = Array(call.segments.dropFirst())
        if path == ["certificates"] {
            try require(.get, call)
            let algorithm = call.query["algorithm_type"] ?? "RSA"
            guard ["RSA", "ALL"].contains(algorithm) else {
                throw Fault(400, "PARAM_ERROR", "algorithm_type：沙箱仅提供RSA平台证书", number: 268_435_461)
            }
            return try certificates(account)
        }
        if let kind = MediaKind(call.method, call.segments) { return try upload(kind, call, account.merchant, moment) }
        if let answer = try routeMoney(path, call, account, moment) { return answer }
        if path.starts(with: ["pay", "transactions"]) {
            return try transactions(Array(path.dropFirst(2)), .direct, call, account.merchant, moment)
        }
        if path.starts(with: ["pay", "partner", "transactions"]) {
            return try transactions(Array(path.dropFirst(3)), .partner, call, account.merchant, moment)
        }
        if path.first == "combine-transactions" {
            return try combine(Array(path.dropFirst()), call, account.merchant, moment)
        }
        throw .noSuchPath
    }

    func require(_ method: HTTPRequest.Method, _ call: Call) throws(Fault) {
        guard call.method == method else { throw .noSuchMethod }
    }

    private mutating func checkHeaders(_ call: Call, _ merchant: SandboxMerchant, at moment: Moment) throws(Fault) {
        if call.headers[.userAgent] == nil || call.headers[.accept] == nil {
            try lenient(
                "missing_headers", merchant.mchid, "the request has no User-Agent or no Accept header; WeChat refuses it",
                .parameter("Http头缺少Accept或User-Agent"), moment)
        }
        // An upload has shown by its signature that it is a form.
        let isUpload = MediaKind(call.method, call.segments) != nil
        if !isUpload, !call.body.isEmpty, !isJSON(call.headers[.contentType]) {
            try lenient(
                "content_type", merchant.mchid, "the request has a body, but its Content-Type is not application/json",
                .parameter("Http头Content-Type不正确，请使用application/json"), moment)
        }
        if let serial = call.headers[WireNames.serial], rings[merchant.mchid]?.knows(serial) != true {
            try lenient(
                "unknown_wechatpay_serial", merchant.mchid,
                "Wechatpay-Serial names neither the platform certificate nor the public key of this merchant",
                .parameter("平台证书序列号Wechatpay-Serial错误"), moment)
        }
    }

    private func isJSON(_ contentType: String?) -> Bool {
        guard let contentType else { return false }
        return contentType.lowercased().prefix { $0 != ";" && $0 != " " } == "application/json"
    }

    /// Where the sandbox may be kinder than WeChat: a warning, or with `strict` the refusal.
    mutating func lenient(
        _ code: String, _ mchid: String?, _ message: String, _ fault: @autoclosure () -> Fault, _ moment: Moment
    ) throws(Fault) {
        if options.strict { throw fault() }
        log.warn(code, mchid: mchid, message, at: moment.wire)
    }

    /// A number that no other id has.
    mutating func nextSequence() -> Int64 {
        state.sequence += 1
        return state.sequence
    }

    func certificates(_ account: Platform.Account) throws(Fault) -> Answer {
        guard let ring = rings[account.merchant.mchid], ring.mode != .publicKey else {
            throw Fault(
                404, "RESOURCE_NOT_EXISTS",
                "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥。可查看指引https://pay.weixin.qq.com/doc/v3/merchant/4012153196",
                number: 268_435_462)
        }
        var entries: [JSONValue] = []
        for held in ring.certificates {
            let nonce = Hex.lower(random.bytes(6))
            guard
                let ciphertext = try? AESGCM.seal(
                    Array(held.pem.utf8), nonce: nonce, associatedData: "certificate", key: account.merchant.apiV3Key)
            else { throw .systemError }
            entries.append(
                .record(
                    ("effective_time", .time(held.certificate.effectiveTime)),
                    (
                        "encrypt_certificate",
                        .record(
                            ("algorithm", "AEAD_AES_256_GCM"), ("associated_data", "certificate"),
                            ("ciphertext", .string(ciphertext)), ("nonce", .string(nonce)))
                    ),
                    ("expire_time", .time(held.certificate.expireTime)), ("serial_no", .string(held.certificate.serialNo))))
        }
        return .ok(.record(("data", .array(entries))))
    }
}
