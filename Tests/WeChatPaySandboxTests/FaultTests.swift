import Foundation
import HTTPTypes
import PaymentPrimitives
import Synchronization
import Testing
import WeChatPay

@testable import WeChatPaySandbox

@Suite("Faults on purpose")
struct FaultTests {
    private func isSigned(_ reply: Caller.Reply, _ caller: Caller) throws -> Bool {
        let key = try verificationKey(ofCertificate: caller.merchant.platformCertificatePEM)
        let text = "\(reply.header("Wechatpay-Timestamp") ?? "")\n\(reply.header("Wechatpay-Nonce") ?? "")\n\(reply.body)\n"
        guard let signature = Data(base64Encoded: reply.header("Wechatpay-Signature") ?? "-") else { return false }
        return key.isValid(signature: Array(signature), for: Array(text.utf8))
    }

    @Test("SIGNTEST begins as WeChat's probe does, a wrong signature is Base64 of the right length, and none is none")
    func signatures() async throws {
        let caller = try makeSandbox()
        #expect(try isSigned(try await caller.query(), caller))
        try caller.sandbox.addFault(FaultRule(.init(nth: 1), .signtest))
        try caller.sandbox.addFault(FaultRule(.init(nth: 2), .wrongSignature))
        try caller.sandbox.addFault(FaultRule(.init(nth: 3), .noSignature))
        let probe = try await caller.query()
        #expect(probe.header("Wechatpay-Signature")?.hasPrefix("WECHATPAY/SIGNTEST/") == true)
        let wrong = try await caller.query()
        #expect(Data(base64Encoded: wrong.header("Wechatpay-Signature") ?? "")?.count == 256)
        #expect(try !isSigned(wrong, caller))
        let none = try await caller.query()
        for name in [
            "Wechatpay-Signature", "Wechatpay-Serial", "Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Signature-Type",
        ] {
            #expect(none.header(name) == nil)
        }
        #expect(try isSigned(try await caller.query(), caller))
        #expect(caller.sandbox.faults.map(\.seen) == [4, 4, 4])
        #expect(caller.sandbox.faults.map(\.applied) == [1, 1, 1])
        #expect(caller.sandbox.requests().map(\.fault) == [nil, "signtest", "wrong_signature", "no_signature", nil])
    }

    @Test("A connection that breaks before leaves no order, one that breaks after leaves one")
    func timeouts() async throws {
        let caller = try makeSandbox()
        let before = try caller.sandbox.addFault(FaultRule(.init(path: Caller.jsapi), .timeoutBefore))
        await #expect(throws: WeChatPayError(.transport, "")) { try await caller.prepay("ORDER0001") }
        #expect(caller.sandbox.order(mchid: "1900000001", outTradeNo: "ORDER0001") == nil)
        try caller.sandbox.removeFaults(id: before.id)
        try caller.sandbox.addFault(FaultRule(.init(path: Caller.jsapi), .timeoutAfter))
        await #expect(throws: WeChatPayError(.transport, "")) { try await caller.prepay("ORDER0001") }
        #expect(caller.sandbox.order(mchid: "1900000001", outTradeNo: "ORDER0001")?.tradeState.rawValue == "NOTPAY")
        #expect(try await caller.query().status == 200)
        try caller.sandbox.removeFaults()
        #expect(try await caller.prepay("ORDER0001").status == 200)
        #expect(caller.sandbox.faults.isEmpty)
        #expect(throws: SandboxError(.notFound, "")) { try caller.sandbox.removeFaults(id: before.id) }
    }

    @Test("A status is answered in place of the call, signed and in WeChat's form")
    func status() async throws {
        let caller = try makeSandbox()
        try caller.sandbox.addFault(FaultRule(.init(mchid: "1900000001", nth: 1), .status(500, code: "SYSTEM_ERROR")))
        let reply = try await caller.prepay()
        #expect(reply.status == 500)
        #expect(reply.code == "SYSTEM_ERROR")
        #expect(try isSigned(reply, caller))
        #expect(caller.sandbox.order(mchid: "1900000001", outTradeNo: "ORDER0001") == nil)
        #expect(try await caller.prepay().status == 200)
    }

    @Test("Half an answer arrives and then the connection breaks")
    func truncated() async throws {
        let caller = try makeSandbox()
        try caller.sandbox.addFault(FaultRule(.init(), .truncate))
        let response = try await caller.sandbox.handle(caller.request("GET", "/v3/certificates"))
        await #expect(throws: WeChatPayError(.transport, "")) { try await response.body.collect(upTo: 1_000_000) }
    }

    @Test("Above its limit a merchant's path is refused with 429, until the time has passed on the wire clock")
    func frequency() async throws {
        let caller = try makeSandbox()
        try caller.sandbox.addFault(
            FaultRule(.init(path: "/v3/pay/transactions/out-trade-no/*"), .frequencyLimit(limit: 3, seconds: 10)))
        for number in ["ORDER0001", "ORDER0002", "ORDER0003"] { #expect(try await caller.query(number).status == 404) }
        let refused = try await caller.query("ORDER0004")
        #expect(refused.status == 429)
        #expect(refused.code == "FREQUENCY_LIMITED")
        #expect(try await caller.send("GET", "/v3/certificates").status == 200)
        caller.clock.advance(by: .seconds(9))
        #expect(try await caller.query().status == 429)
        caller.clock.advance(by: .seconds(1))
        #expect(try await caller.query().status == 404)
        // Another merchant has a limit of its own.
        let other = Caller(sandbox: caller.sandbox, merchant: caller.sandbox.merchants[1], clock: caller.clock)
        #expect(try await other.query().status == 404)
    }

    @Test("Chance follows the seed, and a path with stars matches as a whole")
    func chance() async throws {
        func pattern() async throws -> [Int] {
            let caller = try makeSandbox()
            try caller.sandbox.addFault(FaultRule(.init(probability: 0.5), .status(503, code: "SERVICE_UNAVAILABLE")))
            var seen: [Int] = []
            for _ in 0..<40 { seen.append(try await caller.query().status) }
            return seen
        }
        let first = try await pattern()
        #expect(Set(first) == [404, 503])
        #expect(try await pattern() == first)
        for (text, pattern, fits) in [
            ("/a/b", "/a/b", true), ("/a/b", "/a", false), ("/a/b", "/a*", true), ("/a/b", "*b", true),
            ("/a/b/c", "/a/*/c", true),
            ("/a/c", "/a/*/c", false), ("/a/b/c/d", "*b*d", true), ("/a/b/c/d", "*d*b*", false), ("", "*", true),
            ("aa", "aa*a", false),
        ] { #expect(FaultRule.Match.fits(text, pattern) == fits, "\(text) \(pattern)") }
    }

    @Test("A request with a wrong signature is refused as ever, and counted by no rule")
    func wrongRequests() async throws {
        let caller = try makeSandbox()
        try caller.sandbox.addFault(FaultRule(.init(), .timeoutBefore))
        let reply = try await caller.send("GET", "/v3/certificates", defect: .init(message: { String($0.dropLast()) }))
        #expect(reply.status == 401)
        #expect(caller.sandbox.faults.map(\.seen) == [0])
    }

    @Test("A probed notification is refused and comes again with the right signature")
    func probedNotification() async throws {
        let received = Mutex<[TransportRequest]>([])
        let caller = try makeSandbox { request in
            received.withLock { $0.append(request) }
            return request.head.headerFields[WireNames.signature]?.hasPrefix("WECHATPAY/SIGNTEST/") == true ? 401 : 200
        }
        try caller.sandbox.addFault(FaultRule(.init(path: "/notify", on: .notification), .signtest))
        try await caller.prepay()
        try await caller.sandbox.pay(.outTradeNo("ORDER0001", mchid: "1900000001"), openid: caller.openid)
        #expect(caller.sandbox.deliveries().first?.attempts.map(\.status) == [401])
        try await caller.sandbox.advanceClock(by: 15)
        let delivery = try #require(caller.sandbox.deliveries().first)
        #expect(delivery.attempts.map(\.status) == [401, 200])
        #expect(delivery.isDelivered)
        let requests = received.withLock { $0 }
        #expect(requests[0].body == requests[1].body)
    }

    @Test("Notifications are lost on the way, lose their answer, or arrive cut short")
    func lostNotifications() async throws {
        let received = Mutex<[Int]>([])
        let caller = try makeSandbox { request in
            received.withLock { $0.append(request.body.count) }
            return 200
        }
        for (nth, action) in [FaultRule.Action.timeoutBefore, .timeoutAfter, .truncate].enumerated() {
            try caller.sandbox.addFault(FaultRule(.init(mchid: "1900000001", nth: nth + 1, on: .notification), action))
        }
        try await caller.prepay()
        try await caller.sandbox.pay(.outTradeNo("ORDER0001", mchid: "1900000001"), openid: caller.openid)
        try await caller.sandbox.advanceClock(by: 60)
        let delivery = try #require(caller.sandbox.deliveries().first)
        #expect(delivery.attempts.map(\.status) == [nil, nil, 200])
        let whole = delivery.body.utf8.count
        #expect(received.withLock { $0 } == [whole, whole / 2])
    }

    @Test("A rule that makes no sense is refused with the field's name")
    func mistakes() throws {
        let caller = try makeSandbox()
        let wrong: [(FaultRule, String)] = [
            (FaultRule(.init(nth: 0), .signtest), "nth"), (FaultRule(.init(probability: 2), .signtest), "probability"),
            (FaultRule(.init(), .status(200, code: "X")), "status"), (FaultRule(.init(), .status(500, code: "")), "code"),
            (FaultRule(.init(on: .notification), .status(500, code: "X")), "notifications"),
            (FaultRule(.init(), .frequencyLimit(limit: -1, seconds: 1)), "limit"),
            (FaultRule(.init(), .frequencyLimit(limit: 1, seconds: 0)), "seconds"),
            (FaultRule(.init(nth: 1), .frequencyLimit(limit: 1, seconds: 1)), "nth"),
        ]
        for (rule, word) in wrong {
            let error = #expect(throws: SandboxError(.invalidArgument, "")) { try caller.sandbox.addFault(rule) }
            #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
        }
        #expect(caller.sandbox.faults.isEmpty)
    }
}
