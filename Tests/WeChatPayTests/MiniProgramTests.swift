import HTTPTypes
import Testing

@testable import WeChatPay

@Suite("Mini-program login")
struct MiniProgramTests {
    private static let secret = "app-secret-0123456789abcdef"
    private static let sessionKey = "HyVFkGl5F5OQWJZZaNzBBg=="

    private func login(_ transport: any Transport, code: String = "code+1/2") async throws -> LoginSession {
        try await MiniProgram(appid: "wx0000000000000001", secret: Secret(Self.secret), transport: transport).login(code: code)
    }

    @Test("text/plain with or without errcode 0 is a session; the query is encoded")
    func success() async throws {
        for errcode in ["", ",\"errcode\":0,\"errmsg\":\"ok\""] {
            let json =
                "{\"openid\":\"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o\",\"session_key\":\"\(Self.sessionKey)\","
                + "\"unionid\":\"u1\"\(errcode)}"
            let transport = ScriptedTransport { _, _ in unsigned(200, json, [.contentType: "text/plain"]) }
            let session = try await login(transport)
            #expect(session.openid == "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")
            #expect(session.sessionKey == Secret(Self.sessionKey))
            #expect(session.unionid == "u1")
            #expect(transport.requests[0].head.authority == "api.weixin.qq.com")
            #expect(
                transport.paths == [
                    "/sns/jscode2session?appid=wx0000000000000001&secret=\(Self.secret)"
                        + "&js_code=code%2B1%2F2&grant_type=authorization_code"
                ])
            #expect(transport.requests[0].head.headerFields[.authorization] == nil)
        }
    }

    @Test(
        "WeChat's errcode says what to do",
        arguments: [
            (-1, WeChatPayError.Advice.sendAgain), (45011, .sendAgain), (40029, .stop), (40163, .stop), (40226, .stop),
            (40125, .stop),
        ])
    func errcode(number: Int, advice: WeChatPayError.Advice) async {
        let json = "{\"errcode\":\(number),\"errmsg\":\"bad \(Self.secret), rid: 65fa-2b1c-00\"}"
        let error = await failure { _ = try await login(ScriptedTransport { _, _ in unsigned(200, json) }) }
        #expect(error?.code == .loginFailed)
        #expect(error?.wechatCode?.rawValue == String(number))
        #expect(error?.requestID == "65fa-2b1c-00")
        #expect(error?.advice == advice)
        #expect(error.map { "\($0) \(dumped($0))".contains(Self.secret) } == false)
    }

    @Test("nonsense, half a session, gateways and broken connections are errors without the secret in them")
    func failures() async {
        let half = "{\"session_key\":\"\(Self.sessionKey)\"}"
        let answers: [(WeChatPayError.Code, ScriptedTransport)] = [
            (.malformed, ScriptedTransport { _, _ in unsigned(200, "<html>") }),
            (.malformed, ScriptedTransport { _, _ in unsigned(200, half) }),
            (.malformed, ScriptedTransport { _, _ in unsigned(200, "{\"openid\":\"o\",\"session_key\":\"\"}") }),
            (.refused, ScriptedTransport { _, _ in unsigned(502, half) }),
            (.timeout, ScriptedTransport { request, _ in throw WeChatPayError(.timeout, "GET \(request.head.path ?? "")") }),
            (.transport, ScriptedTransport { request, _ in throw Leak(text: request.head.path ?? "") }),
        ]
        for (expected, transport) in answers {
            let error = await failure { _ = try await login(transport) }
            #expect(error?.code == expected)
            #expect(error.map { "\($0) \(dumped($0))".contains(Self.secret) } == false)
            #expect(error.map { "\($0) \(dumped($0))".contains(Self.sessionKey) } == false)
        }
    }

    private struct Leak: Error { let text: String }

    @Test("a blank code or secret sends nothing")
    func blank() async {
        #expect(await code { _ = try await login(neverCalled, code: "") } == .invalidArgument)
        #expect(await code { _ = try await login(neverCalled, code: "a\nb") } == .invalidArgument)
        let blank = MiniProgram(appid: "wx1", secret: Secret(" "), transport: neverCalled)
        #expect(await code { _ = try await blank.login(code: "c") } == .invalidArgument)
        let lost = MiniProgram(appid: "wx1", secret: Secret("s"), baseURL: "nowhere", transport: neverCalled)
        #expect(await code { _ = try await lost.login(code: "c") } == .invalidArgument)
    }
}

/// What `dump` prints.
func dumped(_ value: some Any) -> String {
    var text = ""
    dump(value, to: &text)
    return text
}
