import Crypto
import PaymentPrimitives
import Payments
import SQLDatabase

/// Buyers' sessions: a random token of 256 bits for seven days, stored as its digest only.
package struct SessionService: Sendable {
    /// How long a token is good for.
    static let lifetime: Duration = .seconds(7 * 86_400)

    private let database: any Database
    private let login: any LoginProvider
    private let merchant: String
    private let clock: any WallClock
    private let random: any RandomSource

    package init(
        database: any Database, login: any LoginProvider, merchant: String, clock: any WallClock, random: any RandomSource
    ) {
        self.database = database
        self.login = login
        self.merchant = merchant
        self.clock = clock
        self.random = random
    }

    /// Exchanges a code of `wx.login` for a token.
    package func open(code: String) async throws -> (token: String, expiresIn: Duration) {
        guard (1...128).contains(code.utf8.count) else {
            throw PaymentError(.invalidRequest, "code must be what wx.login gave", field: "code")
        }
        let openID = try await login.openID(for: code)
        let token = Hex.lower(random.bytes(32))
        let now = clock.now
        let digest = Self.digest(token)
        let merchant = merchant
        try await database.write(merchant) { sql in
            try sql.execute("DELETE FROM shop_sessions WHERE merchant = $1 AND expires_at <= $2", .text(merchant), SQLValue(now))
            try sql.execute(
                "INSERT INTO shop_sessions (merchant, token_digest, openid, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
                .text(merchant), .blob(digest), .text(openID), SQLValue(now), SQLValue(now.advanced(by: Self.lifetime)))
        }
        return (token, Self.lifetime)
    }

    /// The buyer of a token.
    ///
    /// - Throws: ``PaymentError`` `.unauthorized`.
    package func buyer(token: String) async throws -> String {
        let digest = Self.digest(token)
        let now = clock.now
        let merchant = merchant
        let openID = try await database.read { sql in
            try sql.queryOne(
                "SELECT openid FROM shop_sessions WHERE merchant = $1 AND token_digest = $2 AND expires_at > $3",
                .text(merchant), .blob(digest), SQLValue(now)
            ).map { try $0.text(0) }
        }
        guard let openID else {
            throw PaymentError(.unauthorized, "the session is unknown or has ended; log in again with wx.login")
        }
        return openID
    }

    private static func digest(_ token: String) -> [UInt8] { Array(SHA256.hash(data: Array(token.utf8))) }
}
