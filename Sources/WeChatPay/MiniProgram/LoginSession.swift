/// Who has logged in to a mini-program. Its description shows the beginning of the openid only.
public struct LoginSession: Sendable, CustomStringConvertible, CustomReflectable {
    /// The user under the mini-program's app id.
    public let openid: String
    /// Decrypts and signs the user's data; never leaves the server.
    public let sessionKey: Secret
    /// The user under the open platform's account, where there is one.
    public let unionid: String?

    public var description: String { "LoginSession(openid: \(abbreviated(openid)))" }
    public var customMirror: Mirror { Mirror(self, children: ["openid": abbreviated(openid)]) }
}
