import PaymentPrimitives

/// The fund flow bill of a day: every movement on one of a merchant's accounts. Follows 《资金账单详细说明》.
struct FundFlowBill: Sendable {
    /// Which account it is about.
    enum Account: String, Codable, Sendable {
        /// 基本账户; 未结算资金 is a part of it, so that a settlement does not show.
        case basic = "BASIC"
        /// 运营账户.
        case operation = "OPERATION"
        /// 手续费账户. The sandbox takes its fees from the payments, so that nothing moves here.
        case fees = "FEES"

        fileprivate func ledgerAccounts(_ mchid: String) -> Set<LedgerAccount> {
            switch self {
            case .basic: [.unsettled(mchid), .available(mchid)]
            case .operation: [.operation(mchid)]
            case .fees: []
            }
        }
    }

    /// One movement with the balance after it, in fen.
    struct Row: Sendable {
        let entry: Ledger.Entry
        let fen: Int64
        let balance: Int64
    }

    let mchid: String
    let rows: [Row]

    init(_ ledger: Ledger, _ account: Account, _ mchid: String, _ day: BeijingDate) {
        self.mchid = mchid
        let accounts = account.ledgerAccounts(mchid)
        let end = day.advanced(by: 1).start
        var balance: Int64 = 0
        var rows: [Row] = []
        for entry in ledger.entries where entry.mchid == mchid {
            // Not the end: what fell due earlier may be booked later.
            guard entry.at < end else { continue }
            let fen = entry.net(accounts)
            guard fen != 0 else { continue }
            balance += fen
            if entry.at >= day.start { rows.append(Row(entry: entry, fen: fen, balance: balance)) }
        }
        self.rows = rows
    }

    var table: BillTable {
        let (incoming, outgoing) = (rows.filter { $0.fen > 0 }, rows.filter { $0.fen < 0 })
        return BillTable(
            columns: [
                "记账时间", "微信支付业务单号", "资金流水单号", "业务名称", "业务类型", "收支类型", "收支金额(元)", "账户结余(元)", "资金变更提交申请人", "备注",
                "业务凭证号",
            ],
            rows: rows.map(values), summaryColumns: ["资金流水总笔数", "收入笔数", "收入金额", "支出笔数", "支出金额"],
            summary: [
                String(rows.count), String(incoming.count), BillText.yuan(incoming.reduce(0) { $0 + $1.fen }),
                String(outgoing.count), BillText.yuan(outgoing.reduce(0) { $0 - $1.fen }),
            ])
    }

    private func values(_ row: Row) -> [String] {
        let entry = row.entry
        let time = BillText.time(entry.at)
        let (name, type) = entry.business.words
        return [
            time, entry.reference, mchid + time.prefix(10).filter(\.isNumber) + padded(entry.number, 10), name, type,
            row.fen > 0 ? "收入" : "支出", BillText.yuan(abs(row.fen)), BillText.yuan(row.balance), entry.applicant, entry.note,
            entry.voucher,
        ]
    }
}

extension Ledger.Business {
    /// 业务名称 and 业务类型.
    fileprivate var words: (name: String, type: String) {
        switch self {
        case .payment: ("交易", "交易")
        case .fee: ("交易", "扣除交易手续费")
        case .refund, .reversal, .refundArrived: ("退款", "退款")
        case .feeReturned: ("退款", "退还交易手续费")
        case .refundClosed: ("退款", "退款关闭")
        case .feeTakenAgain: ("退款", "扣除交易手续费")
        case .settlement: ("交易", "结算")
        case .topUp: ("充值", "充值")
        case .withdrawal: ("提现", "提现")
        }
    }
}
