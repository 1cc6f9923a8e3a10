/// The last row of a trade bill, which says what all others add up to; checked against them.
///
/// Amounts are in fen; `nil` where this kind of bill has no such column.
public struct TradeBillSummary: Hashable, Sendable {
    /// 总交易单数: rows, refunds included.
    public let count: Int64
    /// 应结订单总金额; in bills before 2018 总交易额.
    public let settlementTotal: Int64
    /// 退款总金额.
    public let refund: Int64?
    /// 充值券退款总金额.
    public let couponRefund: Int64?
    /// 手续费总金额.
    public let fee: BillFee
    /// 订单总金额.
    public let total: Int64?
    /// 申请退款总金额.
    public let requestedRefund: Int64?
}

/// Sums over the rows of a trade bill.
struct TradeBillSums {
    var count: Int64 = 0
    var settlementTotal = BillSum()
    var refund = BillSum()
    var couponRefund = BillSum()
    var fee = BillSum()
    var total = BillSum()
    var requestedRefund = BillSum()

    mutating func add(_ row: TradeBillRow) {
        count += 1
        settlementTotal.add(row.settlementTotal)
        refund.add(row.refundAmount)
        couponRefund.add(row.couponRefund)
        fee.add(row.fee.milliFen)
        total.add(row.total)
        requestedRefund.add(row.requestedRefund)
    }

    /// - Throws: `malformed` naming the summary's column that does not fit, or is missing.
    func check(_ summary: [(name: String, value: String)]) throws(WeChatPayError) -> TradeBillSummary {
        let check = BillSummaryCheck(summary)
        guard let count = try check.whole(["总交易单数"], count),
            let settlementTotal = try check.amount(["应结订单总金额", "总交易额"], settlementTotal),
            let fee = try check.fee(["手续费总金额", "返还手续费总金额"], fee)
        else { throw WeChatPayError(.malformed, "the bill's summary lacks 总交易单数, 应结订单总金额 or 手续费总金额") }
        return TradeBillSummary(
            count: count, settlementTotal: settlementTotal, refund: try check.amount(["退款总金额", "总退款金额"], refund),
            couponRefund: try check.amount(
                ["充值券退款总金额", "总代金券或立减优惠退款金额", "总企业红包退款金额"], couponRefund),
            fee: fee, total: try check.amount(["订单总金额"], total),
            requestedRefund: try check.amount(["申请退款总金额"], requestedRefund))
    }
}

/// A sum that does not wrap around; `nil` once it did not fit.
struct BillSum {
    private(set) var value: Int64? = 0

    mutating func add(_ amount: Int64) {
        guard let sum = value?.addingReportingOverflow(amount) else { return }
        value = sum.overflow ? nil : sum.partialValue
    }
}

/// Compares a summary row with what the rows gave.
struct BillSummaryCheck {
    private let values: [String: String]

    init(_ summary: [(name: String, value: String)]) {
        values = Dictionary(summary.map { ($0.name, $0.value) }) { first, _ in first }
    }

    /// Counts are written like amounts, too: `45.0`.
    func whole(_ names: [String], _ counted: Int64) throws(WeChatPayError) -> Int64? {
        try value(names, decimals: 0) { $0 == counted ? nil : "\(counted)" }
    }

    func amount(_ names: [String], _ sum: BillSum) throws(WeChatPayError) -> Int64? {
        try value(names, decimals: 2) { $0 == sum.value ? nil : sum.value.map { Money(fen: $0).yuan } ?? "too much" }
    }

    /// The summary may give whole fen where the rows have thousandths.
    func fee(_ names: [String], _ sum: BillSum) throws(WeChatPayError) -> BillFee? {
        let total = try value(names, decimals: 5) { value in
            guard let sum = sum.value else { return "too much" }
            let (difference, overflow) = value.subtractingReportingOverflow(sum)
            let isRounded = !overflow && value.isMultiple(of: 1000) && difference.magnitude <= 500
            return value == sum || isRounded ? nil : BillFee(milliFen: sum).description
        }
        return total.map { BillFee(milliFen: $0) }
    }

    /// `problem` gives what the rows add up to, where it is something else.
    private func value(
        _ names: [String], decimals: Int, problem: (Int64) -> String?
    ) throws(WeChatPayError) -> Int64? {
        for name in names {
            guard let text = values[name] else { continue }
            guard let value = BillNumber.decimal(text, decimals: decimals) else {
                throw WeChatPayError(.malformed, "the bill's summary: \(name) is not a number")
            }
            if let other = problem(value) {
                throw WeChatPayError(
                    .malformed, "the bill's summary: \(name) is \(text.prefix(32)), but the rows add up to \(other)")
            }
            return value
        }
        return nil
    }
}
