import Crypto
import Foundation

/// A person with WeChat on a phone.
public struct SandboxUser: Sendable, Hashable, Codable {
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

    /// Who the person is to another app. The setup knows a person by one app only, so the other openids follow from that
    /// one: always the same, and different for each app.
    func openid(in appid: String) -> String {
        guard appid != self.appid else { return openid }
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let digest = SHA256.hash(data: Data("\(openid)\n\(appid)".utf8))
        return "o" + String(digest.prefix(27).map { letters[Int($0 & 0x3F)] })
    }
}
