import Foundation
import HTTPTypes
import PaymentPrimitives

extension Engine {
    private static let codeLifetime = Duration.seconds(300)

    /// What `wx.login` gives the mini program: lives five minutes, works once.
    mutating func loginCode(appid: String, openid: String, at moment: Moment) throws(SandboxError) -> String {
        guard let user = user(openid), user.appid == appid else {
            throw SandboxError(.notFound, "the app \(appid) has no user with that openid; sandbox.json lists users")
        }
        state.loginCodes = state.loginCodes.filter { $0.value.expiresAt > moment.business }
        let code = "0" + padded(nextSequence() % 10_000, 4) + random.alphanumeric(27)
        state.loginCodes[code] = SandboxState.LoginCode(
            appid: appid, openid: openid, expiresAt: moment.business.advanced(by: Self.codeLifetime))
        isChanged = true
        return code
    }

    /// `GET /sns/jscode2session`, 《小程序登录》.
    mutating func codeToSession(_ call: Call, at moment: Moment) -> Answer {
        guard call.method == .get else { return refused(43001, "require GET method") }
        guard let appid = call.query["appid"], !appid.isEmpty else { return refused(41002, "appid missing") }
        guard let secret = call.query["secret"], !secret.isEmpty else { return refused(41004, "appsecret missing") }
        guard let code = call.query["js_code"], !code.isEmpty else { return refused(41008, "missing code") }
        guard call.query["grant_type"] == "authorization_code" else { return refused(40002, "invalid grant_type") }
        guard let merchant = platform.merchant(appid: appid) else { return refused(40013, "invalid appid") }
        guard merchant.appSecret == Secret(secret) else { return refused(40125, "invalid appsecret") }
        guard let entry = state.loginCodes[code], entry.appid == appid, entry.expiresAt > moment.business else {
            return refused(40029, "invalid code")
        }
        guard !entry.isUsed else { return refused(40163, "code been used") }
        state.loginCodes[code]?.isUsed = true
        isChanged = true
        let sessionKey = Data(random.bytes(16)).base64EncodedString()
        return plain(.record(("session_key", .string(sessionKey)), ("openid", .string(entry.openid))))
    }

    private func refused(_ code: Int, _ message: String) -> Answer {
        let id = Hex32.rid(random)
        var answer = plain(
            .record(("errcode", .integer(code)), ("errmsg", .string("\(message), rid: \(id)"))))
        answer.code = String(code)
        return answer
    }

    /// This platform answers 200 whatever happens, and calls its JSON plain text.
    private func plain(_ value: JSONValue) -> Answer {
        Answer(status: 200, body: value.serialised(), contentType: "text/plain; charset=utf-8")
    }
}
