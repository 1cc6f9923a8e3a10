import Foundation
import HTTPTypes

/// A mini-program's own server side: login (《小程序登录》).
///
/// Its description and its mirror show the app id, never the secret.
public struct MiniProgram: Sendable, CustomStringConvertible, CustomReflectable {
    /// The mini-program.
    public let appid: String

    private let secret: Secret
    private let baseURL: String
    private let transport: any Transport
    private let timeout: Duration

    /// A mini-program with its app secret.
    ///
    /// - Parameters:
    ///   - appid: the app id.
    ///   - secret: the app secret (AppSecret).
    ///   - baseURL: scheme, host and port, without a path.
    ///   - transport: how requests reach WeChat.
    ///   - timeout: how long a call may take.
    public init(
        appid: String, secret: Secret, baseURL: String = "https://api.weixin.qq.com", transport: any Transport,
        timeout: Duration = .seconds(10)
    ) {
        self.appid = appid
        self.secret = secret
        self.baseURL = baseURL
        self.transport = transport
        self.timeout = timeout
    }

    /// Turns the code of `wx.login` into a user: `GET /sns/jscode2session` (《code2Session》). A code is good for one call.
    ///
    /// - Throws: ``WeChatPayError`` with code `loginFailed` and WeChat's `errcode` in ``WeChatPayError/wechatCode``;
    ///   `invalidArgument`; `transport`, `timeout`, `refused` and `malformed`, after which the user logs in again. No
    ///   error contains the secret or the session key.
    public func login(code: String) async throws(WeChatPayError) -> LoginSession {
        guard appid.isToken, !secret.isBlank else {
            throw WeChatPayError(.invalidArgument, "appid or secret: blank, or not letters and digits")
        }
        guard !code.isEmpty, code.utf8.count <= 512, !code.hasControlCharacter else {
            throw WeChatPayError(.invalidArgument, "js_code: empty, too long or with a control character")
        }
        let (status, bytes) = try await exchange(code: code)
        guard (200..<300).contains(status) else {
            throw WeChatPayError(.refused, "jscode2session answered without a session", status: status)
        }
        // WeChat says text/plain; the bytes are JSON.
        guard let reply = try? StrictJSON.decode(Reply.self, from: bytes, numbers: .any) else {
            throw WeChatPayError(.malformed, "jscode2session: not the JSON that is documented", status: status)
        }
        if let errcode = reply.errcode, errcode != 0 {
            // errmsg is left out: it may repeat what was sent.
            throw WeChatPayError(
                .loginFailed, "jscode2session refused the login", status: status,
                wechatCode: WeChatErrorCode(rawValue: String(errcode)), requestID: reply.requestID)
        }
        guard let openid = reply.openid, !openid.isEmpty, let key = reply.sessionKey, !key.isEmpty else {
            throw WeChatPayError(.malformed, "jscode2session: no openid or no session_key", status: status)
        }
        return LoginSession(
            openid: openid, sessionKey: Secret(key), unionid: reply.unionid.flatMap { $0.isEmpty ? nil : $0 })
    }

    private func exchange(code: String) async throws(WeChatPayError) -> (status: Int, body: [UInt8]) {
        let base = try BaseURL(baseURL)
        let path = PercentEncoding.path(
            "/sns/jscode2session",
            query: [
                ("appid", appid), ("secret", secret.withBytes { String(decoding: $0, as: UTF8.self) }), ("js_code", code),
                ("grant_type", "authorization_code"),
            ])
        let request = TransportRequest(
            head: HTTPRequest(
                method: .get, scheme: base.scheme, authority: base.authority, path: path, headerFields: [.accept: "*/*"]))
        do {
            let response = try await transport.send(request, deadline: timeout)
            return (response.head.status.code, try await response.body.collect(upTo: 1 << 16))
        } catch {
            // The error below may show the URL, and the secret in it: only its kind goes on.
            let code = (error as? WeChatPayError)?.code ?? .transport
            throw WeChatPayError(code, "jscode2session did not answer")
        }
    }

    private struct Reply: Decodable {
        let errcode: Int64?
        let errmsg: String?
        let openid: String?
        let sessionKey: String?
        let unionid: String?

        enum CodingKeys: String, CodingKey {
            case errcode, errmsg, openid, unionid
            case sessionKey = "session_key"
        }

        /// `errmsg` ends with `rid: <hexadecimal and dashes>`: what WeChat's support asks for.
        var requestID: String? {
            guard let range = errmsg?.range(of: "rid: "), let rest = errmsg?[range.upperBound...] else { return nil }
            let id = rest.prefix { $0.isASCII && $0.isHexDigit || $0 == "-" }
            return id.isEmpty || id.count > 64 ? nil : String(id)
        }
    }

    public var description: String { "MiniProgram(appid: \(appid))" }
    public var customMirror: Mirror { Mirror(self, children: ["appid": appid]) }
}
