/// A person with WeChat on a phone.
public struct SandboxUser: Sendable, Hashable {
    /// Who it is, as seen by ``appid``: 28 characters, the first an `o`.
    public var openid: String
    /// The app that knows the user by this ``openid``.
    public var appid: String
    /// The money in the user's wallet at the beginning, in fen.
    public var balanceFen: Int64

    /// A user out of its parts.
    public init(openid: String, appid: String, balanceFen: Int64 = 1_000_000) {
        self.openid = openid
        self.appid = appid
        self.balanceFen = balanceFen
    }
}
