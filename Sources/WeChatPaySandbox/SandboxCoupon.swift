/// A coupon that a user holds, and that WeChat uses by itself when the user pays.
public struct SandboxCoupon: Sendable, Codable, Equatable {
    /// The coupon.
    public let couponID: String
    /// The batch that it is from.
    public let stockID: String
    /// Who holds it.
    public let openid: String
    /// What the user sees.
    public let name: String
    /// Who pays for it.
    public let type: SandboxOrder.AppliedCoupon.Kind
    /// What it is worth, in fen. Of a cheaper order it pays all, and the rest of it is lost.
    public let amount: Int64
    /// The smallest order that it may be used for, in fen.
    public let minimum: Int64
    /// The `goods_tag` that an order must have; `nil`: any order.
    public let goodsTag: String?
    /// The order that it was used for, as `mchid/out_trade_no`; `nil` while it can be used.
    public internal(set) var usedFor: String? = nil

    /// Its part in an order's payment.
    func applied(to order: SandboxOrder) -> SandboxOrder.AppliedCoupon {
        .init(couponID: couponID, stockID: stockID, name: name, type: type, amount: min(amount, order.total))
    }
}
