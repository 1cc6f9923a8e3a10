/// A row of a fund-flow bill: one movement of the account. Follows 《资金账单》.
///
/// See ``TradeBillRow`` for what a row keeps.
public struct FundFlowBillRow: Sendable {
    let batch: BillBatch
    let index: Int

    /// 记账时间.
    public let accountingTime: Timestamp
    /// 收支金额 in fen, without sign: ``direction`` says which way.
    public let amount: Int64
    /// 账户结余 in fen, after the movement.
    public let balance: Int64
    /// 收支类型.
    public let direction: FundFlowDirection

    init(_ batch: BillBatch, _ index: Int, _ clock: inout BillTime) throws(WeChatPayError) {
        self.batch = batch
        self.index = index
        let range = batch.range(index, batch.header.place(.accountingTime))
        guard let time = batch.bytes.withUnsafeBufferPointer({ clock.read($0[range]) }) else {
            throw batch.error(index, .accountingTime, "is not a time of the form yyyy-MM-dd HH:mm:ss")
        }
        accountingTime = time
        amount = try batch.decimal(index, .amount, decimals: 2)
        balance = try batch.decimal(index, .balance, decimals: 2)
        direction = FundFlowDirection(rawValue: batch.text(index, .direction))
    }

    static func check(_ header: BillHeader) throws(WeChatPayError) {
        try header.require([.accountingTime, .flowID, .direction, .amount, .balance], of: "fund-flow bill")
    }

    /// 微信支付业务单号: a transaction id, a refund id, …
    public var businessID: String { batch.text(index, .businessID) }
    /// 资金流水单号.
    public var flowID: String { batch.text(index, .flowID) }
    /// 业务名称, for example 交易, 退款, 提现.
    public var businessName: String { batch.text(index, .businessName) }
    /// 业务类型, for example 交易, 扣除交易手续费, 退款.
    public var businessType: String { batch.text(index, .businessType) }
    /// 资金变更提交申请人.
    public var applicant: String { batch.text(index, .applicant) }
    /// 备注.
    public var remark: String { batch.text(index, .remark) }
    /// 业务凭证号.
    public var voucher: String { batch.text(index, .voucher) }
}

/// Which way money moved (收支类型). An open set.
public struct FundFlowDirection: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// WeChat's word.
    public let rawValue: String

    /// Takes the word as it stands.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Into the account.
    public static let income = FundFlowDirection(rawValue: "收入")
    /// Out of the account.
    public static let expense = FundFlowDirection(rawValue: "支出")

    public var description: String { rawValue }
}

/// The last row of a fund-flow bill; checked against the others.
public struct FundFlowBillSummary: Hashable, Sendable {
    /// 资金流水总笔数: rows.
    public let count: Int64
    /// 收入笔数.
    public let incomeCount: Int64
    /// 收入金额 in fen.
    public let income: Int64
    /// 支出笔数.
    public let expenseCount: Int64
    /// 支出金额 in fen.
    public let expense: Int64
}

/// Sums over the rows of a fund-flow bill.
struct FundFlowBillSums {
    var count: Int64 = 0
    var incomeCount: Int64 = 0
    var income = BillSum()
    var expenseCount: Int64 = 0
    var expense = BillSum()

    mutating func add(_ row: FundFlowBillRow) {
        count += 1
        if row.direction == .income {
            incomeCount += 1
            income.add(row.amount)
        } else if row.direction == .expense {
            expenseCount += 1
            expense.add(row.amount)
        }
    }

    /// - Throws: `malformed` naming the summary's column that does not fit, or is missing.
    func check(_ summary: [(name: String, value: String)]) throws(WeChatPayError) -> FundFlowBillSummary {
        let check = BillSummaryCheck(summary)
        guard let count = try check.whole(["资金流水总笔数"], count), let incomes = try check.whole(["收入笔数"], incomeCount),
            let income = try check.amount(["收入金额", "收入金额(元)", "收入金额（元）"], income),
            let expenses = try check.whole(["支出笔数"], expenseCount),
            let expense = try check.amount(["支出金额", "支出金额(元)", "支出金额（元）"], expense)
        else { throw WeChatPayError(.malformed, "the bill's summary lacks 资金流水总笔数, 收入笔数, 收入金额, 支出笔数 or 支出金额") }
        return FundFlowBillSummary(
            count: count, incomeCount: incomes, income: income, expenseCount: expenses, expense: expense)
    }
}
