import HTTPTypes
import Synchronization
import Testing
import WeChatPay

@testable import WeChatPayV2

@Suite("Charging a payer's code with API v2")
struct MicropayTests {
    private let side = WeChatSide()
    private let clock = JumpingClock()
    private let request = MicropayRequest(appid: WeChatSide.appid, order: order(), authCode: "134567890123456789")
    private static let charged = paid.filter { $0.0 != "trade_type" } + [("trade_type", "MICROPAY")]

    /// A client whose answers depend on the kind of call and its number among its kind; notes what was sent and when.
    private func client(
        _ log: Log, _ script: @escaping @Sendable (String, Int) throws -> TransportResponse
    ) throws -> (client: V2Client, transport: ScriptedTransport) {
        let (clock, start) = (clock, clock.now)
        let transport = ScriptedTransport { request, _ in
            let kind = String((request.head.path ?? "").split(separator: "/").last ?? "")
            let number = log.add("\(kind) \(clock.now.since(start).components.seconds)") { $0.hasPrefix(kind) }
            return try script(kind, number)
        }
        return (try testClient(transport, certificate: transport, clock: clock, attempts: 5), transport)
    }

    private func run(_ client: V2Client) async throws -> CodePayResult<V2Transaction> {
        var flow = client.flow(for: request)
        return try await client.run(&flow, charging: request) { _ in }
    }

    @Test("Paid at once: one charge, nothing else")
    func paidAtOnce() async throws {
        let (log, side) = (Log(), side)
        let (client, transport) = try client(log) { _, _ in side.reply(Self.charged) }
        guard case .paid(let order) = try await run(client) else {
            Issue.record("not paid")
            return
        }
        #expect(order.tradeType == .micropay && log.lines == ["micropay 0"])
        let fields = try transport.fields()
        #expect(fields["auth_code"] == "134567890123456789" && fields["notify_url"] == nil && fields["trade_type"] == nil)
    }

    @Test("The payer is asked for the password: queries at the first host until it is paid")
    func password() async throws {
        let (log, side) = (Log(), side)
        let (client, transport) = try client(log) { kind, number in
            if kind == "micropay" { return side.refusal("USERPAYING", "需要用户输入支付密码") }
            return side.reply(Self.charged + [("trade_state", number < 3 ? "USERPAYING" : "SUCCESS")])
        }
        guard case .paid = try await run(client) else {
            Issue.record("not paid")
            return
        }
        #expect(log.lines == ["micropay 0", "orderquery 5", "orderquery 15", "orderquery 25"])
        #expect(Set(transport.hosts) == ["api.mch.weixin.qq.com"], "a backup may not know the charge")
    }

    @Test("SYSTEMERROR, BANKERROR and a lost answer are unknown: asked for, never charged twice")
    func unknown() async throws {
        for failing in ["SYSTEMERROR", "BANKERROR", ""] {
            let (log, side) = (Log(), side)
            let (client, _) = try client(log) { kind, _ in
                guard kind == "micropay" else { return side.reply(Self.charged + [("trade_state", "SUCCESS")]) }
                if failing.isEmpty { throw WeChatPayError(.timeout, "no answer") }
                return side.refusal(failing)
            }
            guard case .paid = try await run(client) else {
                Issue.record("not paid")
                return
            }
            #expect(log.lines.map { $0.split(separator: " ")[0] } == ["micropay", "orderquery"])
        }
    }

    @Test("Who never pays is reversed after 45 seconds, again while WeChat says recall=Y or is asked by the payer's password")
    func reversed() async throws {
        let (log, side) = (Log(), side)
        let (client, _) = try client(log) { kind, number in
            switch (kind, number) {
            case ("micropay", _): side.refusal("USERPAYING")
            case ("orderquery", _): side.reply([("out_trade_no", "1415659990"), ("trade_state", "USERPAYING")])
            case (_, 1): side.refusal("USERPAYING", "正在支付中不能发起撤销")
            case (_, 2): side.reply([("recall", "Y")])
            case (_, 3): side.refusal("SYSTEMERROR")
            default: side.reply([("recall", "N")])
            }
        }
        #expect(try await run(client) == .reversed)
        #expect(log.lines.filter { $0.hasPrefix("reverse") } == ["reverse 45", "reverse 55", "reverse 65", "reverse 75"])
    }

    @Test("A definite refusal ends it: the next code needs a new number")
    func refused() async throws {
        for code in ["AUTHCODEEXPIRE", "AUTH_CODE_INVALID", "NOTENOUGH", "NOTSUPORTCARD", "TRADE_ERROR", "PARAM_ERROR"] {
            let (log, side) = (Log(), side)
            let (client, _) = try client(log) { _, _ in side.refusal(code) }
            #expect(try await run(client) == .failed(WeChatErrorCode(rawValue: code).canonical))
            #expect(log.lines == ["micropay 0"])
        }
    }

    @Test("SUCCESS twice but trade_type not MICROPAY is no payment")
    func otherType() async throws {
        let side = side
        let client = try testClient(ScriptedTransport { _, _ in side.reply(paid) })
        #expect(try await client.micropay(request) == .userPaying)
    }

    @Test("A charge whose answer is unclear has the advice to ask, and is sent once")
    func once() async throws {
        let side = side
        let transport = ScriptedTransport { _, _ in side.refusal("SYSTEMERROR") }
        let client = try testClient(transport, attempts: 5)
        #expect(await failure { _ = try await client.micropay(request) }?.advice == .askForTheOrder)
        #expect(transport.requests.count == 1)
    }

    @Test("Without a certificate nothing is charged, since it could not be taken back")
    func noCertificate() async throws {
        let transport = ScriptedTransport { _, _ in answer("") }
        let client = try testClient(transport)
        var flow = client.flow(for: request)
        let error = await failure { _ = try await client.run(&flow, charging: request) { _ in } }
        #expect(error?.code == .invalidArgument && transport.requests.isEmpty)
    }

    @Test("The payer's code is checked, and in no description")
    func code() async throws {
        #expect(!"\(request)".contains("134567890123456789") && !String(reflecting: request).contains("134567890123456789"))
        let client = try testClient(ScriptedTransport { _, _ in answer("") })
        for code in ["", "12a", "１２"] {
            let bad = MicropayRequest(appid: WeChatSide.appid, order: order(), authCode: code)
            #expect(await failure { _ = try await client.micropay(bad) }?.message.hasPrefix("auth_code") == true)
        }
    }
}

/// Lines that are written while a flow runs.
private final class Log: Sendable {
    private let mutex = Mutex<[String]>([])

    var lines: [String] { mutex.withLock { $0 } }

    /// Adds a line and counts those that are like it.
    func add(_ line: String, _ isLike: (String) -> Bool) -> Int {
        mutex.withLock { lines in
            lines.append(line)
            return lines.count(where: isLike)
        }
    }
}
