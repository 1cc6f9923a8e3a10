import Foundation
import HTTPTypes
import Testing

@testable import WeChatPay

@Suite("Any operation of WeChat")
struct EscapeHatchTests {
    private let clock = JumpingClock()
    private var platform: Platform { Platform(clock: clock) }

    private struct Ask: Encodable {
        var outBillNo = "b1"
        var transferAmount: Int64 = 100
        var userName: EncryptedText?
        var others: [EncryptedText] = []

        enum CodingKeys: String, CodingKey {
            case others
            case outBillNo = "out_bill_no"
            case transferAmount = "transfer_amount"
            case userName = "user_name"
        }
    }

    private struct Told: Decodable, Equatable {
        let state: String
        let amount: Int64
    }

    private func answering(_ status: Int, _ json: String) -> ScriptedTransport {
        let platform = platform
        return ScriptedTransport { _, _ in platform.answer(status, json) }
    }

    @Test("A value goes out as JSON and the verified answer comes back as a value")
    func values() async throws {
        let transport = answering(200, #"{"state":"ACCEPTED","amount":100,"new":1}"#)
        let client = try testClient(transport, clock: clock)
        let told: Told = try await client.send(.post, "/v3/x", query: [("a", "ä b")], body: Ask())
        #expect(told == Told(state: "ACCEPTED", amount: 100))
        let request = try #require(transport.requests.first)
        #expect(request.head.path == "/v3/x?a=%C3%A4%20b")
        #expect(String(decoding: request.body, as: UTF8.self) == #"{"others":[],"out_bill_no":"b1","transfer_amount":100}"#)
        #expect(request.head.headerFields[.wechatpaySerial] == nil)
    }

    @Test("Without a body, and without a result")
    func withoutBody() async throws {
        let get = answering(200, #"{"state":"S","amount":1}"#)
        let told: Told = try await testClient(get, clock: clock).send(.get, "/v3/x")
        #expect(told.amount == 1)
        #expect(get.requests[0].body.isEmpty)
        let post = answering(204, "")
        let answer = try await testClient(post, clock: clock).send(.post, "/v3/x", body: Ask())
        #expect(answer.status == 204)
    }

    @Test("Only GET is repeated unless the caller says that it may be")
    func repetition() async throws {
        let failing = ScriptedTransport { _, _ in throw WeChatPayError(.timeout, "no answer") }
        let client = try testClient(failing, clock: clock)
        #expect(await code { let _: Told = try await client.send(.post, "/v3/x", body: Ask()) } == .timeout)
        #expect(failing.requests.count == 1)
        #expect(await code { try await client.send(.post, "/v3/x", body: Ask()) } == .timeout)
        #expect(failing.requests.count == 2)
        #expect(await code { let _: Told = try await client.send(.post, "/v3/x") } == .timeout)
        #expect(failing.requests.count == 3)
        #expect(await code { let _: Told = try await client.send(.get, "/v3/x") } == .timeout)
        #expect(failing.requests.count == 5)
        #expect(await code { let _: Told = try await client.send(.post, "/v3/x", body: Ask(), isIdempotent: true) } == .timeout)
        #expect(failing.requests.count == 7)
    }

    @Test(
        "An answer of another shape is malformed, and an unsigned one is not believed",
        arguments: [#"{"state":"S"}"#, #"{"state":"S","amount":1.5}"#, #"{"state":"S","amount":1,"amount":2}"#, "", "[]"])
    func malformed(_ json: String) async throws {
        let client = try testClient(answering(200, json), clock: clock)
        #expect(await code { let _: Told = try await client.send(.get, "/v3/x") } == .malformed)
        let forged = ScriptedTransport { _, _ in unsigned(200, #"{"state":"S","amount":1}"#) }
        #expect(
            await code { let _: Told = try await testClient(forged, clock: clock).send(.get, "/v3/x") } == .signatureMissing)
    }

    @Test("What cannot be written as JSON, and a path with a query, never leave this machine")
    func invalid() async throws {
        struct Wrong: Encodable { let number = Double.nan }
        let client = try testClient(neverCalled, clock: clock)
        #expect(await code { try await client.send(.post, "/v3/x", body: Wrong()) } == .invalidArgument)
        #expect(await code { let _: Told = try await client.send(.get, "/v3/x?a=1") } == .invalidArgument)
    }

    @Test("A request with encrypted fields names their key, whatever key the answer will be signed with")
    func serial() async throws {
        let transport = answering(204, "")
        let client = try testClient(transport, clock: clock, publicKeys: [testPublicKey()])
        let name = EncryptedText(ciphertext: "AAAA", serial: "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C")
        try await client.send(.post, "/v3/x", body: Ask(userName: name, others: [name]))
        let request = try #require(transport.requests.first)
        #expect(request.head.headerFields[values: .wechatpaySerial] == [name.serial])
        #expect(String(decoding: request.body, as: UTF8.self).contains(#""others":["AAAA"]"#))
        #expect(String(decoding: request.body, as: UTF8.self).contains(#""user_name":"AAAA""#))
        try await client.send(.post, "/v3/x", body: Ask())
        #expect(transport.requests[1].head.headerFields[values: .wechatpaySerial] == [Fixtures.publicKeyID])
    }

    @Test("Fields that are encrypted with two keys cannot be sent together")
    func twoSerials() async throws {
        let client = try testClient(neverCalled, clock: clock)
        let body = Ask(
            userName: EncryptedText(ciphertext: "AAAA", serial: "A"), others: [EncryptedText(ciphertext: "BBBB", serial: "B")])
        #expect(await code { try await client.send(.post, "/v3/x", body: body) } == .invalidArgument)
        let broken = Ask(userName: EncryptedText(ciphertext: "AAAA", serial: "A\r\nX: y"))
        #expect(await code { try await client.send(.post, "/v3/x", body: broken) } == .invalidArgument)
    }
}
