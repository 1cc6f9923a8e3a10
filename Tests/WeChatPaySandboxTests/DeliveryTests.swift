import Crypto
import CryptoExtras
import Foundation
import HTTPTypes
import PaymentPrimitives
import Synchronization
import Testing
import WeChatPay

@testable import WeChatPaySandbox

@Suite("Notifications")
struct DeliveryTests {
    /// Answers with one status after the other, the last one for ever, and remembers what came and when.
    final class Receiver: Sendable {
        private struct State {
            var statuses: [Int]
            var arrivals: [TransportRequest] = []
        }

        private let state: Mutex<State>

        init(_ statuses: [Int]) { state = Mutex(State(statuses: statuses)) }

        var arrivals: [TransportRequest] { state.withLock { $0.arrivals } }

        func receive(_ request: TransportRequest) throws -> Int {
            let status = state.withLock { state in
                state.arrivals.append(request)
                return state.statuses.count > 1 ? state.statuses.removeFirst() : state.statuses[0]
            }
            guard status != 0 else { throw CancellationError() }
            return status
        }
    }

    private func paid(_ receiver: Receiver, index: Int = 0) async throws -> Caller {
        let caller = try makeSandbox(merchant: index, deliver: { try receiver.receive($0) })
        try await caller.prepay()
        try await caller.sandbox.pay(.outTradeNo("ORDER0001", mchid: caller.merchant.mchid), openid: caller.openid)
        return caller
    }

    @Test("The gaps add up to 24 h 4 min")
    func gaps() {
        #expect(Delivery.gaps.count == 15)
        #expect(Delivery.gaps.reduce(0, +) == 86_640)
    }

    @Test("A receiver that always fails is asked 16 times, at exactly WeChat's gaps, and then no more")
    func schedule() async throws {
        let receiver = Receiver([500, 404, 302, 0, 201, 500])
        let caller = try await paid(receiver)
        #expect(receiver.arrivals.count == 1)
        try await caller.sandbox.advanceClock(by: 86_640 - 1)
        #expect(receiver.arrivals.count == 15)
        try await caller.sandbox.advanceClock(by: 1)
        let delivery = try #require(caller.sandbox.deliveries().first)
        #expect(delivery.attempts.count == 16)
        let times = delivery.attempts.map(\.sentAt.seconds)
        #expect(zip(times, times.dropFirst()).map { $1 - $0 } == Delivery.gaps)
        #expect(delivery.attempts.map(\.due) == delivery.attempts.map(\.sentAt))
        #expect(delivery.attempts.map(\.status).prefix(5) == [500, 404, 302, nil, 201])
        #expect(delivery.nextDue == nil)
        try await caller.sandbox.advanceClock(by: 86_400)
        #expect(receiver.arrivals.count == 16)
        #expect(!delivery.isDelivered)
    }

    @Test("After n failures a 200 or 204 ends the attempts", arguments: [0, 1, 3, 15], [200, 204])
    func success(_ failures: Int, _ status: Int) async throws {
        let receiver = Receiver(Array(repeating: 500, count: failures) + [status])
        let caller = try await paid(receiver)
        try await caller.sandbox.advanceClock(by: 200_000)
        let delivery = try #require(caller.sandbox.deliveries().first)
        #expect(delivery.isDelivered)
        #expect(delivery.attempts.count == failures + 1)
        #expect(receiver.arrivals.count == failures + 1)
        #expect(caller.sandbox.nextDue == nil)
    }

    @Test("Every attempt is signed anew over the same body, by the key of the key mode; the resource opens", arguments: [0, 1])
    func envelope(_ index: Int) async throws {
        let receiver = Receiver([500, 200])
        let caller = try await paid(receiver, index: index)
        try await caller.sandbox.advanceClock(by: 15)
        let (first, second) = (try #require(receiver.arrivals.first), try #require(receiver.arrivals.last))
        #expect(receiver.arrivals.count == 2)
        #expect(first.body == second.body)
        let pem = index == 1 ? caller.merchant.publicKeyPrivatePEM : caller.merchant.platformPrivateKeyPEM
        let key = try _RSA.Signing.PrivateKey(pemRepresentation: pem).publicKey
        var nonces: Set<String> = []
        for request in [first, second] {
            func header(_ name: String) -> String { HTTPField.Name(name).flatMap { request.head.headerFields[$0] } ?? "" }
            nonces.insert(header("Wechatpay-Nonce"))
            #expect(header("Wechatpay-Nonce").utf8.count == 32)
            // Wire time: business time has moved on by the second attempt.
            #expect(header("Wechatpay-Timestamp") == String(caller.clock.now.seconds))
            #expect(header("Wechatpay-Serial") == (index == 1 ? caller.merchant.publicKeyID : caller.merchant.platformSerial))
            #expect(header("Wechatpay-Signature-Type") == "WECHATPAY2-SHA256-RSA2048")
            #expect(header("User-Agent") == "Mozilla/4.0")
            #expect(header("Content-Type") == "application/json")
            #expect(header("Pragma") == "no-cache")
            #expect(header("Request-ID").hasSuffix("-0"))
            let signed =
                "\(header("Wechatpay-Timestamp"))\n\(header("Wechatpay-Nonce"))\n\(String(decoding: request.body, as: UTF8.self))\n"
            let signature = try #require(Data(base64Encoded: header("Wechatpay-Signature")))
            #expect(
                key.isValidSignature(
                    .init(rawRepresentation: signature), for: SHA256.hash(data: Data(signed.utf8)), padding: .insecurePKCS1v1_5))
        }
        #expect(nonces.count == 2)
        #expect(first.head.method == .post)
        #expect(first.head.authority == "pay.example.com")
        #expect(first.head.path == "/notify")
        let body = try JSONParser.parse(first.body)
        #expect(body["id"]?.string?.utf8.count == 36)
        #expect(body["event_type"]?.string == "TRANSACTION.SUCCESS")
        #expect(body["resource_type"]?.string == "encrypt-resource")
        #expect(body["summary"]?.string == "支付成功")
        #expect(body["create_time"]?.string == "2023-11-15T06:13:20+08:00")
        let resource = try #require(body["resource"])
        #expect(resource["original_type"]?.string == "transaction")
        #expect(resource["associated_data"]?.string == "transaction")
        #expect(resource["nonce"]?.string?.utf8.count == 12)
        let order = try JSONParser.parse(Array(try open(resource, caller.merchant).utf8))
        #expect(order == (try await caller.query().json))
        #expect(order["trade_state"]?.string == "SUCCESS")
    }

    @Test("Without a way to deliver, notifications are kept; given one, they go out")
    func kept() async throws {
        let caller = try makeSandbox()
        try await caller.prepay()
        try await caller.sandbox.pay(.outTradeNo("ORDER0001", mchid: "1900000001"), openid: caller.openid)
        try await caller.sandbox.advanceClock(by: 60)
        let delivery = try #require(caller.sandbox.deliveries(mchid: "1900000001", outTradeNo: "ORDER0001").first)
        #expect(delivery.attempts.isEmpty)
        #expect(try caller.sandbox.notification(deliveryID: delivery.id).body == Array(delivery.body.utf8))
        await #expect(throws: SandboxError(.invalidArgument, "")) { try await caller.sandbox.resend(deliveryID: delivery.id) }
        caller.sandbox.setDeliver { _ in 200 }
        await caller.sandbox.deliverDue()
        #expect(caller.sandbox.deliveries().first?.isDelivered == true)
        #expect(caller.sandbox.deliveries(mchid: "1900000002", outTradeNo: nil).isEmpty)
        #expect(caller.sandbox.deliveries(mchid: nil, outTradeNo: "OTHER").isEmpty)
    }

    @Test("Resending makes a duplicate with the same id, outside the schedule")
    func resend() async throws {
        let receiver = Receiver([500, 500, 200, 200])
        let caller = try await paid(receiver)
        let id = try #require(caller.sandbox.deliveries().first?.id)
        let due = caller.sandbox.nextDue
        #expect(try await caller.sandbox.resend(deliveryID: id).attempts.map(\.isResend) == [false, true])
        #expect(caller.sandbox.nextDue == due)
        let delivered = try await caller.sandbox.resend(deliveryID: id)
        #expect(delivered.isDelivered)
        #expect(delivered.nextDue == nil)
        #expect(try await caller.sandbox.resend(deliveryID: id).attempts.count == 4)
        #expect(Set(receiver.arrivals.map(\.body)).count == 1)
        await #expect(throws: SandboxError(.notFound, "")) { try await caller.sandbox.resend(deliveryID: "none") }
    }

    @Test("A triggered notification is valid, and refused where it cannot go")
    func trigger() async throws {
        let receiver = Receiver([200])
        let caller = try makeSandbox(deliver: { try receiver.receive($0) })
        let delivery = try await caller.sandbox.trigger(
            mchid: "1900000001", eventType: "TRANSACTION.SUCCESS", notifyURL: "http://127.0.0.1:9/n")
        #expect(delivery.isDelivered)
        #expect(delivery.outTradeNo == nil)
        let resource = try #require(try JSONParser.parse(Array(delivery.body.utf8))["resource"])
        #expect(try open(resource, caller.merchant).contains("\"trade_state\":\"SUCCESS\""))
        for (mchid, event, url) in [
            ("1", "TRANSACTION.SUCCESS", "https://a.example.com/"), ("1900000001", "WHAT.EVER", "https://a.example.com/"),
            ("1900000001", "TRANSACTION.SUCCESS", "http://a.example.com/"),
        ] {
            await #expect(throws: SandboxError.self) {
                try await caller.sandbox.trigger(mchid: mchid, eventType: event, notifyURL: url)
            }
        }
        #expect(receiver.arrivals.count == 1)
    }

    @Test("A receiver may call the sandbox while it is being notified, and pay another order")
    func reentrant() async throws {
        let caller = try makeSandbox()
        for number in ["ORDER0001", "ORDER0002"] { try await caller.prepay(number) }
        let sandbox = caller.sandbox
        let openid = caller.openid
        sandbox.setDeliver { request in
            #expect(try await caller.query().json["trade_state"]?.string == "SUCCESS")
            if sandbox.deliveries().count == 1 {
                try await sandbox.pay(.outTradeNo("ORDER0002", mchid: "1900000001"), openid: openid)
            }
            return 200
        }
        try await sandbox.pay(.outTradeNo("ORDER0001", mchid: "1900000001"), openid: openid)
        #expect(sandbox.deliveries().map(\.isDelivered) == [true, true])
        #expect(sandbox.deliveries().map(\.attempts.count) == [1, 1])
    }

    @Test("Advancing delivers in due order, across orders")
    func dueOrder() async throws {
        let receiver = Receiver([500])
        let caller = try makeSandbox(deliver: { try receiver.receive($0) })
        for number in ["ORDER0001", "ORDER0002"] {
            try await caller.prepay(number)
            try await caller.sandbox.pay(.outTradeNo(number, mchid: "1900000001"), openid: caller.openid)
            try await caller.sandbox.advanceClock(by: 7)
        }
        try await caller.sandbox.advanceClock(by: 30)
        let attempts = caller.sandbox.deliveries().flatMap(\.attempts).map(\.sentAt).sorted()
        let start = try #require(attempts.first)
        #expect(attempts.map { $0.seconds - start.seconds } == [0, 7, 15, 22, 30, 37])
        #expect(caller.sandbox.businessNow.seconds - start.seconds == 44)
        await #expect(throws: SandboxError(.invalidArgument, "")) { try await caller.sandbox.advanceClock(by: -1) }
    }

    @Test("In the background the next attempt is made when the clock has come so far")
    func background() async throws {
        let receiver = Receiver([500, 200])
        let caller = try makeSandbox()
        try await caller.prepay()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await caller.sandbox.runDeliveries { try receiver.receive($0) } }
            try await caller.sandbox.pay(.outTradeNo("ORDER0001", mchid: "1900000001"), openid: caller.openid)
            while caller.sandbox.deliveries().first?.isDelivered != true {
                if caller.clock.sleeperCount > 0 { caller.clock.advance(by: .milliseconds(500)) }
                await Task.yield()
            }
            group.cancelAll()
        }
        let attempts = try #require(caller.sandbox.deliveries().first?.attempts)
        #expect(attempts.map(\.status) == [500, 200])
        #expect(attempts[1].sentAt.since(attempts[1].due) < .seconds(1))
    }

    @Test("In the background a receiver that hangs holds up nobody else")
    func hanging() async throws {
        let (delivered, continuation) = AsyncStream.makeStream(of: String.self)
        let caller = try makeSandbox()
        try await caller.prepay("HANGING001", ["notify_url": "https://hang.example.com/n"])
        try await caller.prepay("ORDER0001")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await caller.sandbox.runDeliveries { request in
                    if request.head.authority == "hang.example.com" { try await hang() }
                    continuation.yield(request.head.authority ?? "")
                    return 200
                }
            }
            for number in ["HANGING001", "ORDER0001"] {
                try await caller.sandbox.pay(.outTradeNo(number, mchid: "1900000001"), openid: caller.openid)
            }
            await caller.sandbox.deliverDue()
            var iterator = delivered.makeAsyncIterator()
            #expect(await iterator.next() == "pay.example.com")
            group.cancelAll()
        }
        // The cancelled attempt has not counted: it is made again after the next start.
        #expect(caller.sandbox.deliveries(mchid: nil, outTradeNo: "HANGING001").first?.attempts.isEmpty == true)
        #expect(caller.sandbox.nextDue == caller.sandbox.businessNow)
    }
}

/// Waits until the task is cancelled.
private func hang() async throws {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    defer { continuation.finish() }
    for await _ in stream {}
    throw CancellationError()
}
