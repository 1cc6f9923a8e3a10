import PaymentPrimitives

/// An order as the platform knows it.
public struct SandboxOrder: Sendable, Codable, Equatable {
    /// The merchant's number of the order, unique per merchant.
    public let outTradeNo: String
    /// The merchant.
    public let mchid: String
    /// The app that the order was placed for.
    public let appid: String
    /// How it is paid: `JSAPI`, `APP`, `MWEB` (H5), `NATIVE` or `MICROPAY` (a payment code).
    public let tradeType: String
    /// What is bought.
    public let description: String
    /// The merchant's own data.
    public let attach: String?
    /// Where the notification goes; `nil` for a payment code, which has none.
    public let notifyURL: String?
    /// The amount, in fen.
    public let total: Int64
    /// The currency, `CNY`.
    public let currency: String
    /// The user that pays it: named by a JSAPI order, which nobody else may pay; otherwise known once somebody pays.
    public internal(set) var openid: String?
    /// The device that the merchant named in `scene_info`.
    public let deviceID: String?
    /// When it was placed, in business time.
    public let createdAt: Timestamp
    /// The last moment at which it can be paid, `time_expire` with WeChat's limits applied; business time.
    public let timeExpire: Timestamp?
    /// What has become of it.
    public internal(set) var tradeState: TradeState
    /// WeChat's number of the payment.
    public internal(set) var transactionID: String?
    /// When it was paid, in business time.
    public internal(set) var paidAt: Timestamp?
    /// When it was closed, in business time.
    public internal(set) var closedAt: Timestamp?
    /// The merchant below a service provider that the money is for; `nil` for a direct merchant.
    public internal(set) var subMchid: String? = nil
    /// The sub-merchant's app, where the order names one.
    public internal(set) var subAppid: String? = nil
    /// The mark by which coupons know what they may be used for.
    public internal(set) var goodsTag: String? = nil
    /// The number of the combined order that it is a part of.
    public internal(set) var combineOutTradeNo: String? = nil
    /// The merchant that placed the combined order.
    public internal(set) var combineMchid: String? = nil
    /// The coupons that were used when it was paid.
    public internal(set) var coupons: [AppliedCoupon] = []
    /// What the user paid with, for example `OTHERS` for the wallet.
    public internal(set) var bankType: String?
    /// What API v2 needs to know of an order that was placed by it; `nil` for one of API v3.
    var v2: V2Terms? = nil
    /// The prepay ids that were given out for it, with the moment (business time) until which each one works.
    public internal(set) var prepayIDs: [PrepayID]
    /// The first request's fields in the order of their names: a further request must say the same.
    let parameters: String

    /// A prepay id and the moment until which it works.
    public struct PrepayID: Sendable, Codable, Equatable {
        /// The id.
        public let id: String
        /// Two hours after it was given out, five minutes for H5; business time.
        public let expiresAt: Timestamp
        /// The `pr` of a `code_url`, the `package` of an `h5_url`.
        public internal(set) var code: String? = nil
    }

    /// A coupon that paid a part of an order.
    public struct AppliedCoupon: Sendable, Codable, Equatable {
        /// The coupon.
        public let couponID: String
        /// The batch that it is from.
        public let stockID: String
        /// What the user sees.
        public let name: String
        /// Who has paid for it.
        public let type: Kind
        /// Its part of the order, in fen.
        public let amount: Int64

        /// Who has paid for a coupon, in WeChat's words.
        public enum Kind: String, Sendable, Codable {
            /// 充值券: paid for beforehand, settled to the merchant.
            case cash = "CASH"
            /// 免充值券: the merchant's own discount, not settled.
            case noCash = "NOCASH"
        }
    }

    /// What the user paid, in fen: the total without the coupons.
    public var payerTotal: Int64 { total - coupons.reduce(0) { $0 + $1.amount } }

    /// What is settled to the merchant before the fee, in fen: the total without 免充值 coupons (应结订单金额).
    public var settlementTotal: Int64 { total - coupons.reduce(0) { $0 + ($1.type == .noCash ? $1.amount : 0) } }

    /// What has become of an order, in WeChat's words. An open set.
    public struct TradeState: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
        /// WeChat's word.
        public let rawValue: String
        /// Takes the word as it stands.
        public init(rawValue: String) { self.rawValue = rawValue }
        public var description: String { rawValue }

        /// Not paid yet.
        public static let notPaid = TradeState(rawValue: "NOTPAY")
        /// Paid.
        public static let success = TradeState(rawValue: "SUCCESS")
        /// Closed by the merchant, or seven days old.
        public static let closed = TradeState(rawValue: "CLOSED")
        /// Paid, and a part or all of it refunded.
        public static let refund = TradeState(rawValue: "REFUND")
        /// The user has shown a payment code and is asked for the password.
        public static let userPaying = TradeState(rawValue: "USERPAYING")
        /// A payment code did not lead to a payment.
        public static let payError = TradeState(rawValue: "PAYERROR")
        /// A payment by code that the merchant has taken back.
        public static let revoked = TradeState(rawValue: "REVOKED")
    }

    /// An order that nobody pays is closed after seven days.
    static let lifetime = Duration.seconds(7 * 86_400)
    /// A user who is asked for the password has five minutes.
    static let passwordLifetime = Duration.seconds(300)
    /// The trade type of a payment code.
    static let micropay = "MICROPAY"

    static func key(_ mchid: String, _ outTradeNo: String) -> String { mchid + "/" + outTradeNo }

    var key: String { Self.key(mchid, outTradeNo) }

    /// The key of the combined order that it is a part of.
    var combineKey: String? {
        guard let combineMchid, let combineOutTradeNo else { return nil }
        return CombineOrder.key(combineMchid, combineOutTradeNo)
    }

    /// The order as it is at a moment: what has happened to it since by the mere passing of time.
    func settled(at business: Timestamp) -> SandboxOrder {
        var order = self
        if order.tradeState == .userPaying, createdAt.advanced(by: Self.passwordLifetime) <= business {
            order.tradeState = .payError
        }
        let end = createdAt.advanced(by: Self.lifetime)
        if [.notPaid, .payError].contains(order.tradeState), end <= business {
            order.tradeState = .closed
            order.closedAt = end
        }
        return order
    }

    var tradeStateDescription: String {
        switch tradeState {
        case .success: "支付成功"
        case .closed: "订单已关闭"
        case .refund: "订单发生过退款"
        case .userPaying: "用户支付中，需要输入密码"
        case .payError: "支付失败(其他原因，如银行返回失败)"
        case .revoked: "订单已撤销"
        default: "订单未支付"
        }
    }
}
