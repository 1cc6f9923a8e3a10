import Foundation
import HTTPTypes
import Testing

@testable import WeChatPay

@Suite("Running the flow of code pay")
struct CodePayDriverTests {
    private let clock = JumpingClock()

    /// What was sent, and when after the start: `codepay 0`, `query 5`, `reverse 45`.
    private final class Log: Sendable {
        let lines = Shared<[String]>([])
        let stored = Shared<[CodePayFlow.State]>([])
        let hosts = Shared<Set<String>>([])
    }

    /// A client against a script that gets the kind of call and its number among its kind.
    private func client(
        _ log: Log, _ answer: @escaping @Sendable (String, Int) throws -> TransportResponse
    ) throws -> Client {
        let clock = clock
        let start = clock.now
        let transport = ScriptedTransport { request, _ in
            let path = request.head.path ?? ""
            let kind = request.head.method == .get ? "query" : path.hasSuffix("/reverse") ? "reverse" : "codepay"
            let seconds = clock.now.since(start).components.seconds
            log.lines.change { $0.append("\(kind) \(seconds)") }
            log.hosts.change { $0.insert(request.head.authority ?? "") }
            return try answer(kind, log.lines.value.count { $0.hasPrefix(kind) })
        }
        return try testClient(transport, clock: clock, options: .init(timeout: .seconds(1), attempts: 5))
    }

    private func run(_ client: Client, _ log: Log) async throws -> CodePayResult<Transaction> {
        var flow = CodePayFlow(CodePayRequest.sample)
        return try await client.transactions.run(&flow, charging: .sample) { flow in
            log.stored.change { $0.append(flow.state) }
        }
    }

    private static let timeout = WeChatPayError(.timeout, "no answer")

    @Test("a charge that is paid at once is stored before it is sent, and is all")
    func paid() async throws {
        let (log, platform) = (Log(), Platform(clock: clock))
        let client = try client(log) { _, _ in platform.answer(200, orderJSON()) }
        guard case .paid(let order) = try await run(client, log) else {
            Issue.record("not paid")
            return
        }
        #expect(order.transactionID == "4200000000202311150000000001")
        #expect(log.lines.value == ["codepay 0"])
        #expect(log.stored.value == [.charging(since: Timestamp(seconds: 1_700_000_000)), .paid])
    }

    @Test("a payer who is slow is asked for after 5 seconds and then every 10, and has paid in the end")
    func slow() async throws {
        let (log, platform) = (Log(), Platform(clock: clock))
        let client = try client(log) { kind, number in
            kind == "codepay"
                ? platform.answer(202, "{\"code\":\"USERPAYING\",\"message\":\"m\"}")
                : platform.answer(200, orderJSON(state: number == 3 ? "SUCCESS" : "USERPAYING"))
        }
        guard case .paid = try await run(client, log) else {
            Issue.record("not paid")
            return
        }
        #expect(log.lines.value == ["codepay 0", "query 5", "query 15", "query 25"])
    }

    @Test("nobody knows anything: asked until 45 seconds, then taken back until it is known, always at the same host")
    func unknown() async throws {
        let (log, platform) = (Log(), Platform(clock: clock))
        let client = try client(log) { kind, number in
            guard kind == "reverse", number == 3 else { throw Self.timeout }
            return platform.answer(200, "{\"mchid\":\"1900000001\",\"out_trade_no\":\"order_1234\"}")
        }
        #expect(try await run(client, log) == .reversed)
        #expect(
            log.lines.value == [
                "codepay 0", "query 5", "query 15", "query 25", "query 35", "query 45", "reverse 45", "reverse 55", "reverse 65",
            ])
        #expect(log.hosts.value == ["api.mch.weixin.qq.com"])
    }

    @Test("a refusal ends it, without a question")
    func refused() async throws {
        let (log, platform) = (Log(), Platform(clock: clock))
        let client = try client(log) { _, _ in platform.answer(403, "{\"code\":\"NOTENOUGH\",\"message\":\"m\"}") }
        #expect(try await run(client, log) == .failed(.notEnough))
        #expect(log.lines.value == ["codepay 0"])
    }

    private static let notExist = "{\"code\":\"ORDER_NOT_EXIST\",\"message\":\"m\"}"

    @Test("an order that WeChat finds only after a minute, its answer lost, is taken back and not called failed")
    func lateOrder() async throws {
        let (log, platform) = (Log(), Platform(clock: clock))
        let client = try client(log) { kind, number in
            if kind == "codepay" { throw Self.timeout }
            guard kind == "reverse", number == 3 else { return platform.answer(404, Self.notExist) }
            return platform.answer(200, "{\"mchid\":\"1900000001\",\"out_trade_no\":\"order_1234\"}")
        }
        #expect(try await run(client, log) == .reversed)
        #expect(log.lines.value.suffix(4) == ["query 45", "reverse 45", "reverse 55", "reverse 65"])
    }

    @Test("an order that WeChat does not know when the payer's code is dead was never charged")
    func neverArrived() async throws {
        let (log, platform) = (Log(), Platform(clock: clock))
        let client = try client(log) { kind, _ in
            if kind == "codepay" { throw Self.timeout }
            return platform.answer(404, Self.notExist)
        }
        #expect(try await run(client, log) == .failed(.orderNotExist))
        #expect(log.lines.value.suffix(2) == ["reverse 115", "reverse 125"])
    }

    /// What WeChat, or a gateway, says to a signature that it does not like; nobody signs that.
    private static let signError = "{\"code\":\"SIGN_ERROR\",\"message\":\"m\"}"

    @Test("an unsigned SIGN_ERROR to a charge that went through is asked about, and the order is paid")
    func gateway() async throws {
        let (log, platform) = (Log(), Platform(clock: clock))
        let client = try client(log) { kind, number in
            switch (kind, number) {
            case ("codepay", _), ("query", 2): unsigned(401, Self.signError)
            case ("query", 1): platform.answer(404, Self.notExist)
            default: platform.answer(200, orderJSON())
            }
        }
        guard case .paid = try await run(client, log) else {
            Issue.record("not paid")
            return
        }
        #expect(log.lines.value == ["codepay 0", "query 5", "query 15", "query 25"])
    }

    @Test("a wrong key ends the run with its error, not the flow, which goes on with the right key and never charges again")
    func wrongKey() async throws {
        let (log, platform) = (Log(), Platform(clock: clock))
        let wrong = try client(log) { _, _ in unsigned(401, Self.signError) }
        var flow = CodePayFlow(CodePayRequest.sample)
        let error = await failure { _ = try await wrong.transactions.run(&flow, charging: .sample) { _ in } }
        #expect(error?.wechatCode == .signError && error?.isVerified == false)
        #expect(log.lines.value == ["codepay 0", "query 5"])
        guard case .asking = flow.state else {
            Issue.record("\(flow.state)")
            return
        }
        // Later it is to be taken back, and the key is still wrong.
        while case .asking = flow.state { _ = flow.next(.unknown, now: clock.now.advanced(by: .seconds(60))) }
        #expect(await failure { _ = try await wrong.transactions.run(&flow) { _ in } }?.wechatCode == .signError)
        #expect(log.lines.value.suffix(2).allSatisfy { $0.hasPrefix("reverse") })
        let right = try client(log) { _, _ in
            platform.answer(200, "{\"mchid\":\"1900000001\",\"out_trade_no\":\"order_1234\"}")
        }
        #expect(try await right.transactions.run(&flow) { _ in } == .reversed)
        #expect(log.lines.value.count { $0.hasPrefix("codepay") } == 1)
    }

    @Test("a reversal that is refused, since it is too late, leads to the order's own state")
    func refusedReversal() async throws {
        let (log, platform) = (Log(), Platform(clock: clock))
        let client = try client(log) { kind, number in
            if kind == "reverse" { return platform.answer(400, "{\"code\":\"REVERSE_EXPIRE\",\"message\":\"m\"}") }
            guard kind == "query", number == 6 else { throw Self.timeout }
            return platform.answer(200, orderJSON())
        }
        guard case .paid = try await run(client, log) else {
            Issue.record("not paid")
            return
        }
        #expect(log.lines.value.suffix(2) == ["reverse 45", "query 55"])
    }

    @Test("a flow that was stored in the middle of its charge asks when it is resumed, and never charges again")
    func restart() async throws {
        let (log, platform) = (Log(), Platform(clock: clock))
        let client = try client(log) { _, _ in platform.answer(200, orderJSON()) }
        var flow = CodePayFlow(CodePayRequest.sample)
        #expect(flow.next(.resumed, now: clock.now) == .charge)
        let stored = try JSONEncoder().encode(flow)
        for request in [nil, CodePayRequest.sample] {
            var restored = try JSONDecoder().decode(CodePayFlow.self, from: stored)
            guard case .paid = try await client.transactions.run(&restored, charging: request, onChange: { _ in }) else {
                Issue.record("not paid")
                return
            }
            // Run once more: a paid flow only fetches its order.
            guard case .paid = try await client.transactions.run(&restored, onChange: { _ in }) else {
                Issue.record("not paid")
                return
            }
        }
        #expect(log.lines.value.allSatisfy { $0.hasPrefix("query") } && log.lines.value.count == 4)
    }

    @Test("a charge that cannot be stored is not made, now or later")
    func storage() async throws {
        struct Full: Error {}
        let (log, platform) = (Log(), Platform(clock: clock))
        let client = try client(log) { _, _ in platform.answer(404, "{\"code\":\"ORDER_NOT_EXIST\",\"message\":\"m\"}") }
        var flow = CodePayFlow(CodePayRequest.sample)
        await #expect(throws: Full.self) {
            _ = try await client.transactions.run(&flow, charging: .sample) { _ in throw Full() }
        }
        #expect(log.lines.value.isEmpty)
        #expect(try await client.transactions.run(&flow, charging: .sample) { _ in } == .failed(.orderNotExist))
        #expect(!log.lines.value.contains { $0.hasPrefix("codepay") })
    }

    @Test("a flow is not begun with a wrong, a missing or another order's request, or at the wrong side")
    func mismatch() async throws {
        let client = try testClient(neverCalled, clock: clock)
        var wrong = CodePayRequest.sample
        wrong.order.authCode = ""
        var other = CodePayRequest.sample
        other.order.outTradeNo = "order_9999"
        for request in [nil, wrong, other] {
            var flow = CodePayFlow(CodePayRequest.sample)
            let error = await failure { _ = try await client.transactions.run(&flow, charging: request) { _ in } }
            #expect(error?.code == .invalidArgument && flow.state == .ready)
        }
        var partner = CodePayFlow(PartnerCodePayRequest.sample)
        #expect(await code { _ = try await client.transactions.run(&partner) { _ in } } == .invalidArgument)
        var direct = CodePayFlow(CodePayRequest.sample)
        #expect(await code { _ = try await client.partnerTransactions.run(&direct) { _ in } } == .invalidArgument)
    }

    @Test("a sub-merchant's charge runs below the service provider's paths")
    func partner() async throws {
        let (log, platform) = (Log(), Platform(clock: clock))
        let client = try client(log) { kind, _ in
            switch kind {
            case "codepay": platform.answer(202, "")
            case "query": platform.answer(200, partnerOrderJSON(state: "NOTPAY"))
            default: platform.answer(200, "{\"sp_mchid\":\"1900000001\",\"sub_mchid\":\"1900000009\"}")
            }
        }
        var flow = CodePayFlow(PartnerCodePayRequest.sample)
        #expect(try await client.partnerTransactions.run(&flow, charging: .sample) { _ in } == .reversed)
        #expect(log.lines.value.last == "reverse 45" && flow.state == .reversed)
    }
}
