/// A row of a trade bill: one payment, one refund, or one reversal. Follows 《交易账单》.
///
/// Amounts and the time were read and checked when the row was; texts are made when they are asked for. A row keeps the
/// chunk of the file that it lies in (about 64 KiB, shared with its neighbours): whoever keeps a few rows for long takes
/// the texts out of them.
public struct TradeBillRow: Sendable {
    let batch: BillBatch
    let index: Int

    /// 交易时间: of a payment when it was paid, of a refund when it was asked for.
    public let tradeTime: Timestamp
    /// 应结订单金额 in fen: the order's amount less coupons that are not topped up; 0 in a refund's row. In bills before
    /// 2018 总金额.
    public let settlementTotal: Int64
    /// 代金券金额 in fen; 0 when the bill has no such column.
    public let couponAmount: Int64
    /// 订单金额 in fen: what the order was placed for; 0 in a refund's row. In bills before 2018, which have no such column,
    /// 总金额.
    public let total: Int64
    /// 手续费, what WeChat keeps; negative where it gives some back.
    public let fee: BillFee
    /// 退款金额 in fen, without coupons that are not topped up; 0 in a payment's row.
    public let refundAmount: Int64
    /// 充值券退款金额 in fen; 0 when the bill has no such column.
    public let couponRefund: Int64
    /// 申请退款金额 in fen: what the refund was asked for; 0 in a payment's row. In bills before 2018, which have no such
    /// column, 退款金额.
    public let requestedRefund: Int64

    init(_ batch: BillBatch, _ index: Int, _ columns: TradeBillColumns, _ clock: inout BillTime) throws(WeChatPayError) {
        self.batch = batch
        self.index = index
        let range = batch.range(index, columns.tradeTime)
        guard let time = batch.bytes.withUnsafeBufferPointer({ clock.read($0[range]) }) else {
            throw batch.error(index, .tradeTime, "is not a time of the form yyyy-MM-dd HH:mm:ss")
        }
        tradeTime = time
        settlementTotal = try batch.decimal(index, .settlementTotal, decimals: 2)
        couponAmount = columns.hasCoupon ? try batch.decimal(index, .couponAmount, decimals: 2) : 0
        total = columns.hasTotal ? try batch.decimal(index, .total, decimals: 2) : settlementTotal
        fee = BillFee(milliFen: columns.hasFee ? try batch.decimal(index, .fee, decimals: 5) : 0)
        refundAmount = columns.hasRefund ? try batch.decimal(index, .refund, decimals: 2) : 0
        couponRefund = columns.hasCouponRefund ? try batch.decimal(index, .couponRefund, decimals: 2) : 0
        requestedRefund = columns.hasRequestedRefund ? try batch.decimal(index, .requestedRefund, decimals: 2) : refundAmount
    }

    /// 公众账号ID.
    public var appid: String { batch.text(index, .appid) }
    /// 商户号.
    public var mchid: String { batch.text(index, .mchid) }
    /// 特约商户号; `nil` (a `0` in the file) for a merchant that belongs to no service provider.
    public var subMchid: String? { number(.subMchid) }
    /// 设备号; empty when there is none.
    public var deviceID: String { batch.text(index, .deviceID) }
    /// 微信订单号.
    public var transactionID: String { batch.text(index, .transactionID) }
    /// 商户订单号.
    public var outTradeNo: String { batch.text(index, .outTradeNo) }
    /// 用户标识.
    public var openid: String { batch.text(index, .openid) }
    /// 交易类型.
    public var tradeType: TradeType { TradeType(rawValue: batch.text(index, .tradeType)) }
    /// 交易状态: ``TradeState/success``, ``TradeState/refund``, ``TradeState/revoked``.
    public var tradeState: TradeState { TradeState(rawValue: batch.text(index, .tradeState)) }
    /// 付款银行.
    public var bankType: String { batch.text(index, .bankType) }
    /// 货币种类.
    public var currency: Currency { Currency(rawValue: batch.text(index, .currency)) }
    /// 商品名称.
    public var description: String { batch.text(index, .description) }
    /// 商户数据包.
    public var attach: String { batch.text(index, .attach) }
    /// 费率 as it stands, for example `0.60%`.
    public var rate: String { batch.text(index, .rate) }
    /// 费率备注.
    public var rateNote: String { batch.text(index, .rateNote) }

    /// 微信退款单号; `nil` in a payment's row.
    public var refundID: String? { number(.refundID) }
    /// 商户退款单号; `nil` in a payment's row.
    public var outRefundNo: String? { number(.outRefundNo) }
    /// 退款类型, for example `ORIGINAL`; `nil` in a payment's row.
    public var refundChannel: String? { number(.refundChannel) }
    /// 退款状态 when the bill was made, for example `SUCCESS`, `PROCESSING`; it is never brought up to date.
    public var refundState: String? { number(.refundState) }
    /// 退款申请时间; in bills of refunds only.
    public var refundApplied: Timestamp? { time(.refundApplied) }
    /// 退款成功时间; in bills of refunds only, once it has succeeded.
    public var refundSucceeded: Timestamp? { time(.refundSucceeded) }

    /// Whether the row gives money back: a refund, or the reversal of a code payment.
    public var isRefund: Bool { refundID != nil || tradeState == .refund || tradeState == .revoked }

    /// A cell by the name that this bill's header gives it, for columns that are not listed here; `nil` without one.
    public subscript(column: String) -> String? {
        guard let place = batch.header.names.firstIndex(of: column) else { return nil }
        return String(decoding: batch.bytes[batch.range(index, place)], as: UTF8.self)
    }

    /// The bytes of 商户订单号, without making a text of them: for those who compare millions.
    public func withOutTradeNo<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
        try bytes(.outTradeNo, body)
    }

    /// The bytes of 商户退款单号, `0` in a payment's row; empty when the bill has no such column.
    public func withOutRefundNo<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
        try bytes(.outRefundNo, body)
    }

    private func bytes<Result>(
        _ column: BillColumn, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
    ) rethrows -> Result {
        let place = batch.header.place(column)
        guard place >= 0 else { return try body(UnsafeBufferPointer(start: nil, count: 0)) }
        let range = batch.range(index, place)
        return try batch.bytes.withUnsafeBufferPointer { try body(UnsafeBufferPointer(rebasing: $0[range])) }
    }

    /// WeChat writes what is not there as nothing or as `0`.
    private func number(_ column: BillColumn) -> String? {
        let text = batch.text(index, column)
        return text.isEmpty || text == "0" ? nil : text
    }

    private func time(_ column: BillColumn) -> Timestamp? {
        let place = batch.header.place(column)
        guard place >= 0 else { return nil }
        let range = batch.range(index, place)
        var clock = BillTime()
        return batch.bytes.withUnsafeBufferPointer { clock.read($0[range]) }
    }
}

/// What of a trade bill's header is looked up once, and not for each row.
struct TradeBillColumns {
    let tradeTime: Int
    let hasCoupon, hasTotal, hasFee, hasRefund, hasCouponRefund, hasRequestedRefund: Bool

    init(_ header: BillHeader) throws(WeChatPayError) {
        try header.require([.tradeTime, .transactionID, .outTradeNo, .tradeState, .settlementTotal], of: "trade bill")
        tradeTime = header.place(.tradeTime)
        hasCoupon = header.has(.couponAmount)
        hasTotal = header.has(.total)
        hasFee = header.has(.fee)
        hasRefund = header.has(.refund)
        hasCouponRefund = header.has(.couponRefund)
        hasRequestedRefund = header.has(.requestedRefund)
    }
}
