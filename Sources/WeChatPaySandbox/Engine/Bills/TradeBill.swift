import PaymentPrimitives

/// The trade bill of a day. Follows 《交易账单详细说明》.
struct TradeBill: Sendable {
    /// Which rows it has.
    enum Kind: String, Codable, Sendable {
        case all = "ALL"
        case success = "SUCCESS"
        case refund = "REFUND"
    }

    /// A payment, a refund, or the reversal of a payment.
    struct Row: Sendable {
        let order: SandboxOrder
        /// The payer's openid in the order's app, whatever app the user is known by.
        let payer: String?
        let at: Timestamp
        let event: Event

        enum Event: Sendable {
            case payment
            case refund(SandboxRefund)
            case reversal(MoneyState.Reversal)
        }
    }

    let kind: Kind
    /// In the order of time.
    let rows: [Row]
    /// The moment whose refund states it shows: later changes never reach a bill.
    let snapshot: Timestamp

    var table: BillTable {
        let shown = columns
        return BillTable(
            columns: shown.map(\.name), rows: rows.map { row in shown.map { $0.value(row) } },
            summaryColumns: sums.map(\.name), summary: sums.map(\.value))
    }

    // MARK: Columns

    private struct Column {
        let name: String
        let value: (Row) -> String

        init(_ name: String, _ value: @escaping (Row) -> String) {
            self.name = name
            self.value = value
        }
    }

    private var columns: [Column] {
        switch kind {
        case .all: Self.head + refundColumns + Self.goods + Self.feeColumns + [Self.asked, Self.feeNote]
        case .success: Self.head + Self.goods + Self.feeColumns + [Self.feeNote]
        case .refund:
            Self.head + refundTimes + refundColumns + Self.goods + Self.feeColumns + [Self.asked, Self.feeNote]
        }
    }

    private static var head: [Column] {
        [
            Column("交易时间") { BillText.time($0.at) }, Column("公众账号ID") { $0.order.appid },
            Column("商户号") { $0.order.mchid }, Column("特约商户号") { $0.order.subMchid ?? "0" },
            Column("设备号") { $0.order.deviceID ?? "" }, Column("微信订单号") { $0.order.transactionID ?? "" },
            Column("商户订单号") { $0.order.outTradeNo },
            Column("用户标识") { $0.payer ?? "" },
            Column("交易类型") { $0.order.tradeType }, Column("交易状态") { $0.tradeState },
            Column("付款银行") { $0.order.bankType ?? "OTHERS" }, Column("货币种类") { $0.order.currency },
            Column("应结订单金额") { BillText.yuan($0.settled) }, Column("代金券金额") { BillText.yuan($0.couponTotal) },
        ]
    }

    private var refundTimes: [Column] {
        [
            Column("退款申请时间") { BillText.time($0.at) },
            Column("退款成功时间") { row in row.successTime(at: snapshot).map(BillText.time) ?? "" },
        ]
    }

    private var refundColumns: [Column] {
        [
            Column("微信退款单号") { $0.refundID }, Column("商户退款单号") { $0.outRefundNo },
            Column("退款金额") { BillText.yuan($0.settledRefund) }, Column("充值券退款金额") { BillText.yuan($0.cashRefund) },
            Column("退款类型") { $0.isPayment ? "" : "ORIGINAL" }, Column("退款状态") { $0.refundStatus(at: snapshot) },
        ]
    }

    private static var goods: [Column] {
        [Column("商品名称") { $0.order.description }, Column("商户数据包") { $0.order.attach ?? "" }]
    }

    private static var feeColumns: [Column] {
        [
            Column("手续费") { BillText.fee($0.fee) },
            Column("费率") { _ in BillText.yuan(SandboxOrder.feeRate.numerator) + "%" },
            Column("订单金额") { BillText.yuan($0.isPayment ? $0.order.total : 0) },
        ]
    }

    private static var asked: Column { Column("申请退款金额") { BillText.yuan($0.askedRefund) } }
    private static var feeNote: Column { Column("费率备注") { _ in "" } }

    // MARK: Sums

    private var sums: [(name: String, value: String)] {
        func sum(_ amount: (Row) -> Int64) -> Int64 { rows.reduce(0) { $0 + amount($1) } }
        let (settled, total) = (sum { $0.settled }, sum { $0.isPayment ? $0.order.total : 0 })
        let fee = sum { $0.fee }
        let start: [(String, String)] = [("总交易单数", String(rows.count)), ("应结订单总金额", BillText.yuan(settled))]
        let end: [(String, String)] = [("手续费总金额", BillText.fee(fee)), ("订单总金额", BillText.yuan(total))]
        guard kind != .success else { return start + end }
        return start
            + [
                ("退款总金额", BillText.yuan(sum { $0.settledRefund })), ("充值券退款总金额", BillText.yuan(sum { $0.cashRefund })),
            ] + end + [("申请退款总金额", BillText.yuan(sum { $0.askedRefund }))]
    }
}

extension TradeBill.Row {
    /// WeChat's number of what the row is about: orders rows of one moment.
    var number: String { isPayment ? order.transactionID ?? "" : refundID }

    var isPayment: Bool { if case .payment = event { true } else { false } }

    fileprivate var tradeState: String {
        switch event {
        case .payment: "SUCCESS"
        case .refund: "REFUND"
        case .reversal: "REVOKED"
        }
    }

    fileprivate var settled: Int64 { isPayment ? order.settlementTotal : 0 }
    fileprivate var couponTotal: Int64 { isPayment ? order.total - order.payerTotal : 0 }

    /// Given back with a refund, so below zero.
    var fee: Int64 {
        switch event {
        case .payment: order.fee
        case .refund(let refund): -refund.feeRefund
        case .reversal(let reversal): -reversal.fee
        }
    }

    fileprivate var refundID: String {
        switch event {
        case .payment: "0"
        case .refund(let refund): refund.refundID
        case .reversal(let reversal): reversal.refundID
        }
    }

    /// A reversal has no number of the merchant's but the order's (unconfirmed).
    fileprivate var outRefundNo: String {
        switch event {
        case .payment: "0"
        case .refund(let refund): refund.outRefundNo
        case .reversal: order.outTradeNo
        }
    }

    var settledRefund: Int64 {
        switch event {
        case .payment: 0
        case .refund(let refund): refund.settlementRefund
        case .reversal(let reversal): reversal.settlement
        }
    }

    fileprivate var cashRefund: Int64 {
        switch event {
        case .payment: 0
        case .refund(let refund): refund.settlementRefund - refund.payerRefund
        case .reversal(let reversal): reversal.cash
        }
    }

    fileprivate var askedRefund: Int64 {
        switch event {
        case .payment: 0
        case .refund(let refund): refund.refund
        case .reversal(let reversal): reversal.total
        }
    }

    /// What the refund was when the bill was made. Only SUCCESS and PROCESSING are documented; the others are the words of the
    /// refund object.
    fileprivate func refundStatus(at snapshot: Timestamp) -> String {
        switch event {
        case .payment: ""
        case .refund(let refund): (refund.status(at: snapshot) ?? .processing).rawValue
        case .reversal: "SUCCESS"
        }
    }

    fileprivate func successTime(at snapshot: Timestamp) -> Timestamp? {
        switch event {
        case .payment: nil
        case .refund(let refund): refund.successTime.flatMap { $0 <= snapshot ? $0 : nil }
        case .reversal(let reversal): reversal.at
        }
    }
}
