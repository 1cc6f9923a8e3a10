/// An account of the sandbox's ledger.
struct LedgerAccount: RawRepresentable, Hashable, Sendable, Codable, CodingKeyRepresentable {
    let rawValue: String

    /// What a user has got and spent since the beginning; the money that `sandbox.json` gives is not in it.
    static func wallet(_ openid: String) -> LedgerAccount { LedgerAccount(rawValue: "wallet/" + openid) }
    /// 未结算资金: what was paid to a merchant and is not settled yet.
    static func unsettled(_ mchid: String) -> LedgerAccount { LedgerAccount(rawValue: "unsettled/" + mchid) }
    /// 可用余额: the settled part of a merchant's 基本账户.
    static func available(_ mchid: String) -> LedgerAccount { LedgerAccount(rawValue: "available/" + mchid) }
    /// 运营账户: what a merchant has topped up for marketing.
    static func operation(_ mchid: String) -> LedgerAccount { LedgerAccount(rawValue: "operation/" + mchid) }
    /// What WeChat has earned.
    static let fees = LedgerAccount(rawValue: "fees")
    /// What has been paid with 充值券; their issuers have paid it in before, so it goes below zero.
    static let coupons = LedgerAccount(rawValue: "coupons")
    /// The world outside: top-ups come from there, withdrawals go there.
    static let bank = LedgerAccount(rawValue: "bank")
    /// Refunds that were taken from a merchant and have not reached the user.
    static let refunding = LedgerAccount(rawValue: "refunding")
}
