/// How the money is settled (`settle_info`).
public struct SettleInfo: Hashable, Sendable, Encodable {
    /// Whether the money is frozen for profit sharing.
    public var profitSharing: Bool

    /// A settlement.
    public init(profitSharing: Bool) {
        self.profitSharing = profitSharing
    }

    /// WeChat's names.
    enum CodingKeys: String, CodingKey {
        case profitSharing = "profit_sharing"
    }
}
