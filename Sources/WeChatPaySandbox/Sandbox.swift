import Foundation
import HTTPTypes
import Logging
import PaymentPrimitives
import Synchronization
import WeChatPay

/// WeChat Pay itself, on this machine: accounts, orders, a phone, and notifications.
///
/// It has its own models, sign strings, parser and checks, so that a mistake in a client cannot hide in it. In a test:
///
/// ```swift
/// let sandbox = try Sandbox(clock: clock, random: SeededRandom(1), deliver: { request in … })
/// let client = WeChatPay.Client(merchant: …, transport: sandbox.transport)
/// try await sandbox.pay(.prepayID(id), openid: sandbox.users[0].openid)
/// ```
///
/// Two clocks: *wire time* is the clock's, for signatures and certificates; *business time* is wire time and an offset
/// that ``advanceClock(by:)`` adds to, for expiry, retries and the times in bodies.
public final class Sandbox: Sendable {
    /// Sends one notification and returns the HTTP status of the answer. It should give up after five seconds, as WeChat
    /// does. It may call the sandbox again, but not ``advanceClock(by:)``, which waits for it.
    public typealias Deliver = @Sendable (TransportRequest) async throws -> Int

    /// How the sandbox behaves where it has a choice.
    public struct Options: Sendable {
        /// Refuse where WeChat would refuse, instead of warning.
        public var strict: Bool
        /// Accept plain-http notify URLs of other machines too.
        public var allowHTTPNotify: Bool
        /// Where to say what is happening; no secret is logged.
        public var logger: Logger?

        /// Options out of their parts.
        public init(strict: Bool = false, allowHTTPNotify: Bool = false, logger: Logger? = nil) {
            self.strict = strict
            self.allowHTTPNotify = allowHTTPNotify
            self.logger = logger
        }
    }

    struct Shared: Sendable {
        var engine: Engine
        var faults = FaultRules()
        var deliver: Deliver?
        /// Set while a loop delivers in the background.
        var wake: (@Sendable () -> Void)?
        var idleWaiters: [CheckedContinuation<Void, Never>] = []
    }

    let platform: Platform
    let clock: any WallClock
    let random: any RandomSource
    let logger: Logger?
    private let store: (any SandboxStateStore)?
    let shared: Mutex<Shared>

    /// A sandbox with its merchants and users.
    ///
    /// - Parameters:
    ///   - setup: who exists; its keys must fit each other.
    ///   - clock: wire time.
    ///   - random: for ids and nonces.
    ///   - options: how to behave where there is a choice.
    ///   - store: where the state is kept; `nil`: in memory only. A change is stored before it is acknowledged.
    ///   - deliver: how notifications are sent; `nil`: they are kept as deliveries and not sent.
    /// - Throws: ``SandboxError`` with code `invalidSetup`, `invalidState`, or `storage`.
    public init(
        _ setup: SandboxSetup = .standard, clock: any WallClock = SystemClock(), random: any RandomSource = SystemRandom(),
        options: Options = Options(), store: (any SandboxStateStore)? = nil, deliver: Deliver? = nil
    ) throws {
        platform = try Platform(setup)
        self.clock = clock
        self.random = random
        self.store = store
        logger = options.logger
        let state = try store.flatMap { store in
            try store.load().map { try SandboxState.decode($0, from: store.name) }
        }
        let engine = try Engine(platform: platform, options: options, random: random, state: state ?? SandboxState())
        shared = Mutex(Shared(engine: engine, deliver: deliver))
    }

    /// Sends requests to this sandbox without a network.
    public var transport: any Transport { SandboxTransport(sandbox: self) }

    /// The merchant accounts with their keys.
    public var merchants: [SandboxMerchant] { platform.setup.merchants }

    /// The users: those of the setup, then those that were added.
    public var users: [SandboxUser] { platform.setup.users + shared.withLock { $0.engine.state.users } }

    /// Business time: the clock and the offset.
    public var businessNow: Timestamp { shared.withLock { $0.engine.moment(clock.now).business } }

    /// Answers one request of a merchant's, exactly as WeChat would. Control calls are not among them.
    ///
    /// - Throws: `WeChatPayError` with code `transport` when a fault rule lets the connection break, before or after the
    ///   request took effect.
    public func handle(_ request: TransportRequest) async throws -> TransportResponse {
        let reply = await reply(to: request)
        switch reply.ending {
        case .whole: return TransportResponse(head: reply.head, body: ResponseBody(reply.body))
        case .dropped: throw Self.dropped
        case .truncated:
            let half = Array(reply.body.prefix(reply.body.count / 2))
            let chunks = AsyncThrowingStream<[UInt8], any Error> { continuation in
                continuation.yield(half)
                continuation.finish(throwing: Self.dropped)
            }
            return TransportResponse(head: reply.head, body: ResponseBody(chunks))
        }
    }

    static let dropped = WeChatPayError(.transport, "the connection was closed before the whole answer was there")

    /// What goes back to the caller.
    struct Reply: Sendable {
        enum Ending: Sendable { case whole, truncated, dropped }

        var head: HTTPResponse
        var body: [UInt8]
        var ending = Ending.whole
    }

    func reply(to request: TransportRequest, certificate: ClientCertificate = .impossible) async -> Reply {
        let call = Call(request)
        if let (path, isSandboxNew) = V2Path.read(call.segments) {
            return replyV2(to: request, call, path, isSandboxNew: isSandboxNew, certificate)
        }
        let wire = clock.now
        let authentication = call.segments.first == "v3" ? platform.authenticate(request, wire: wire) : nil
        // What is refused for its signature is not touched: it would hide the mistake.
        let fault =
            authentication?.fault == nil
            ? takeFault(on: .answer, path: request.head.path, mchid: authentication?.claimedMchid, wire) : nil
        let answer = fault?.answerInstead ?? answer(call, authentication, wire)
        let requestID = "\(Hex.upper(random.bytes(24)))-\(answer.number)"
        record(
            request, call, authentication?.claimedMchid, authentication?.cause, answer, requestID, fault, wire)
        var head = HTTPResponse(status: .init(code: answer.status), headerFields: Self.commonHeaders)
        head.headerFields[.contentType] = answer.contentType
        if answer.contentType.hasPrefix("text/html") {
            head.headerFields[.contentSecurityPolicy] = HTML.contentSecurityPolicy
        }
        head.headerFields[WireNames.requestID] = requestID
        guard let account = authentication?.account, answer.isSigned else {
            return Reply(head: head, body: answer.body, ending: fault?.ending ?? .whole)
        }
        let key = shared.withLock { shared in
            shared.engine.rings[account.merchant.mchid]?.answerKey(askedFor: call.headers[WireNames.serial], random)
        }
        do {
            try sign(&head.headerFields, answer.body, with: key, fault)
        } catch {
            head.status = .internalServerError
            return Reply(head: head, body: Answer(.systemError).body)
        }
        return Reply(head: head, body: answer.body, ending: fault?.ending ?? .whole)
    }

    private func answer(_ call: Call, _ authentication: Authentication?, _ wire: Timestamp) -> Answer {
        do {
            return try update(wire) { engine, moment in
                if let fault = authentication?.fault { return Answer(fault) }
                if let account = authentication?.account { return engine.answer(call, from: account, at: moment) }
                return engine.answerUnsigned(call, at: moment)
            }
        } catch {
            logger?.error("the sandbox cannot store its state", metadata: ["error": "\(error)"])
            return Answer(.systemError)
        }
    }

    /// Adds WeChat's signature over a body, or what a fault makes of it. Follows 《签名验证》.
    func sign(
        _ headers: inout HTTPFields, _ body: [UInt8], with key: KeyRing.Key?, _ fault: FaultRule.Action? = nil
    ) throws {
        guard let key else { throw SandboxError(.invalidState, "there is no key to sign with") }
        if fault == .noSignature { return }
        let timestamp = String(clock.now.seconds)
        let nonce = random.alphanumeric(32)
        var message = Array("\(timestamp)\n\(nonce)\n".utf8) + body + [0x0A]
        if fault == .wrongSignature { message.append(0x0A) }
        let signature = Data(try key.signer.signature(for: message)).base64EncodedString()
        headers[WireNames.timestamp] = timestamp
        headers[WireNames.nonce] = nonce
        headers[WireNames.signature] = fault == .signtest ? "WECHATPAY/SIGNTEST/" + signature : signature
        headers[WireNames.serial] = key.serial
        headers[WireNames.signatureType] = WireNames.scheme
    }

    static let commonHeaders: HTTPFields = [
        .server: "nginx", .contentLanguage: "zh-CN", .cacheControl: "no-cache, must-revalidate",
        .xContentTypeOptions: "nosniff", WireNames.keepAlive: "timeout=8",
    ]

    func record(
        _ request: TransportRequest, _ call: Call, _ mchid: String?, _ cause: SignatureCause?, _ answer: Answer,
        _ requestID: String, _ fault: FaultRule.Action?, _ wire: Timestamp
    ) {
        func text(_ bytes: [UInt8]) -> String { String(decoding: bytes.prefix(16_384), as: UTF8.self) }
        let path = (request.head.path ?? "").replacing(/([?&]secret=)[^&]*/) { $0.output.1 + "***" }
        let shown = text(answer.body).replacing(/"session_key":"[^"]*"/, with: "\"session_key\":\"***\"")
        shared.withLock { shared in
            shared.engine.log.record { number in
                RecordedRequest(
                    number: number, arrivedAt: wire, method: request.head.method.rawValue, path: path,
                    mchid: mchid, body: text(request.body), status: answer.status, code: answer.code,
                    answer: shown, requestID: requestID, cause: cause, fault: fault?.name)
            }
        }
        if let cause {
            logger?.warning("a request's signature was refused", metadata: ["path": "\(path)", "cause": "\(cause.english)"])
        }
    }

    /// Does what has fallen due, changes the engine, and stores the change before anybody hears of it; when it cannot be stored
    /// it has not happened.
    ///
    /// - Parameter keeping: whether a change that cannot be stored stays in memory: for what has happened outside already.
    func update<Result>(
        _ wire: Timestamp? = nil, keeping: Bool = false, _ body: (inout Engine, Moment) throws -> Result
    ) throws -> Result {
        try shared.withLock { shared in
            let before = store == nil ? nil : shared.engine
            let moment = shared.engine.moment(wire ?? clock.now)
            shared.engine.runScheduled(upTo: moment)
            let result = try body(&shared.engine, moment)
            guard let store, let before, shared.engine.isChanged else { return result }
            do {
                try store.save(try shared.engine.state.encoded())
                shared.engine.isChanged = false
            } catch {
                if !keeping { shared.engine = before }
                throw SandboxError(.storage, "\(store.name) cannot be written: \(error)")
            }
            return result
        }
    }
}

/// The sandbox without a network between.
struct SandboxTransport: Transport {
    let sandbox: Sandbox

    func send(_ request: TransportRequest, deadline: Duration) async throws -> TransportResponse {
        try await sandbox.handle(request)
    }
}
