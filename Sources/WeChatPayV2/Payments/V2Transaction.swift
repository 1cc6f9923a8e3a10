/// An order as API v2 tells of it: the answer to a query or a charge, and a payment notification.
///
/// Only what WeChat always sends is demanded, of a paid order its number and total; an unpaid order has little more. Empty fields are absent ones.
@dynamicMemberLookup
public struct V2Transaction: Hashable, Sendable {
    /// The app id of the order.
    public let appid: String
    /// The merchant number; a service provider's own.
    public let mchid: String
    /// The sub-merchant's app id.
    public let subAppid: String?
    /// The sub-merchant.
    public let subMchid: String?
    /// Who paid, under the order's app id.
    public let payer: Transaction.Payer?
    /// Who paid, under the sub-merchant's app id.
    public let subPayer: Transaction.Payer?
    /// Whether the payer follows the official account.
    public let isSubscribed: Bool?
    /// How it stands with the order. `amount.payerTotal` is what API v2 calls `cash_fee`.
    public let trade: Trade
    /// What is settled to the merchant, in fen: the total without the coupons that the merchant gives (`NO_CASH`).
    public let settlementTotal: Int64?
    /// What coupons paid, in fen.
    public let couponTotal: Int64?
    /// The coupons one by one, for merchants who may see them; empty for none.
    public let coupons: [V2Coupon]

    /// A member of ``trade``.
    public subscript<Value>(dynamicMember member: KeyPath<Trade, Value>) -> Value { trade[keyPath: member] }

    /// Reads verified fields.
    init(_ fields: XMLFields, state: TradeState) throws(WeChatPayError) {
        appid = try fields.text("appid")
        mchid = try fields.text("mch_id")
        subAppid = fields.optionalText("sub_appid")
        subMchid = fields.optionalText("sub_mch_id")
        payer = fields.optionalText("openid").map { Transaction.Payer(openid: $0) }
        subPayer = fields.optionalText("sub_openid").map { Transaction.Payer(openid: $0) }
        isSubscribed = fields.optionalText("is_subscribe").map { $0 == "Y" }
        let total = try fields.optionalNumber("total_fee")
        let currency = fields.optionalText("fee_type").map { Currency(rawValue: $0) }
        let cash = try fields.optionalNumber("cash_fee")
        let isPaid = state == .success || state == .refund
        trade = Trade(
            outTradeNo: try fields.text("out_trade_no"), transactionID: fields.optionalText("transaction_id"),
            tradeType: fields.optionalText("trade_type").map { TradeType(rawValue: $0) }, tradeState: state,
            tradeStateDescription: fields.optionalText("trade_state_desc"), bankType: fields.optionalText("bank_type"),
            attach: fields.optionalText("attach"), successTime: try fields.optionalTime("time_end"),
            amount: total.map {
                Transaction.Amount(
                    total: $0, payerTotal: cash, currency: currency ?? (isPaid ? .cny : nil),
                    payerCurrency: fields.optionalText("cash_fee_type").map { Currency(rawValue: $0) })
            },
            deviceID: fields.optionalText("device_info"), promotionDetail: [])
        guard state != .success || (trade.transactionID != nil && total != nil) else {
            throw WeChatPayError.v2Malformed("transaction_id or total_fee is missing, but the order is paid")
        }
        settlementTotal = try fields.optionalNumber("settlement_total_fee")
        couponTotal = try fields.optionalNumber("coupon_fee")
        coupons = try V2Coupon.read(fields, amount: "coupon_fee", id: "coupon_id", count: "coupon_count")
    }
}

/// A coupon that paid for a part of an order, or comes back with a refund.
public struct V2Coupon: Hashable, Sendable {
    /// The coupon.
    public let id: String?
    /// `CASH`, which was paid for before, or `NO_CASH`, which the merchant gives.
    public let type: String?
    /// Its part, in fen.
    public let amount: Int64?

    /// WeChat numbers them from 0; so many at most are looked for.
    static let most = 40

    /// The coupons `…_0`, `…_1` and so on, as far as they are there. They are told for information: what is odd about one
    /// must not hide that the order was paid, so only a number that is none is refused.
    static func read(
        _ fields: XMLFields, amount: String, id: String, type: String = "coupon_type", count: String, suffix: String = ""
    ) throws(WeChatPayError) -> [V2Coupon] {
        let told = try fields.optionalNumber(count + suffix) ?? 0
        var coupons: [V2Coupon] = []
        for index in 0..<Int(min(max(0, told), Int64(most))) {
            let place = "\(suffix)_\(index)"
            let coupon = V2Coupon(
                id: fields.optionalText(id + place), type: fields.optionalText(type + place),
                amount: try fields.optionalNumber(amount + place))
            if coupon.id != nil || coupon.amount != nil { coupons.append(coupon) }
        }
        return coupons
    }
}
