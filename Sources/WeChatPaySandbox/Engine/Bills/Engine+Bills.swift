import Crypto
import PaymentPrimitives

extension Engine {
    /// Bills are made at 09:00 of the next day, and are ready at 10:00.
    private static let billMaking = Duration.seconds(9 * 3600)
    private static let billReady = Duration.seconds(10 * 3600)

    /// `GET /v3/bill/tradebill`, 《申请交易账单》. A service provider gets the rows of all its merchants, or of one.
    mutating func tradeBill(_ call: Call, _ merchant: SandboxMerchant, _ moment: Moment) throws(Fault) -> Answer {
        let word = call.query["bill_type"] ?? TradeBill.Kind.all.rawValue
        guard let kind = TradeBill.Kind(rawValue: word) else {
            let isKnown = ["RECHARGE_REFUND", "ALL_SPECIAL", "SUC_SPECIAL", "REF_SPECIAL"].contains(word)
            throw .parameter(
                isKnown ? "沙箱不提供该类型的账单，仅支持ALL、SUCCESS、REFUND" : "账单类型不合法", field: "bill_type", value: .string(word),
                issue: "only ALL, SUCCESS and REFUND", location: "query")
        }
        let subMchid = try billSubMchid(call, merchant)
        return try offer(.trade(kind), subMchid, call, merchant, moment)
    }

    /// `GET /v3/bill/fundflowbill`, 《申请资金账单》.
    mutating func fundFlowBill(_ call: Call, _ merchant: SandboxMerchant, _ moment: Moment) throws(Fault) -> Answer {
        let word = call.query["account_type"] ?? FundFlowBill.Account.basic.rawValue
        guard let account = FundFlowBill.Account(rawValue: word) else {
            throw .parameter(
                "资金账户类型不合法", field: "account_type", value: .string(word), issue: "only BASIC, OPERATION and FEES",
                location: "query")
        }
        let subMchid = try billSubMchid(call, merchant)
        if subMchid != nil {
            try lenient(
                "fundflowbill_sub_mchid", merchant.mchid,
                "fundflowbill has no sub_mchid at WeChat: a service provider gets the bill of its own account there",
                .parameter(
                    "请求中含有未在API文档中定义的参数", field: "sub_mchid", issue: "undocumented parameter", location: "query",
                    number: 270_924_358), moment)
        }
        return try offer(.fundFlow(account), subMchid, call, merchant, moment)
    }

    /// The merchant below a service provider that a bill is asked for. What is no number at all is `INVALID_REQUEST`;
    /// somebody else's is `NO_AUTH`.
    private func billSubMchid(_ call: Call, _ merchant: SandboxMerchant) throws(Fault) -> String? {
        guard let subMchid = call.query["sub_mchid"] else { return nil }
        guard (1...32).contains(subMchid.utf8.count), subMchid.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw .invalidRequest("特约商户号不合法", number: 268_449_567)
        }
        return try subMerchant(subMchid, merchant, location: "query")
    }

    /// Says where a bill can be downloaded.
    private mutating func offer(
        _ bill: BillToken.Bill, _ subMchid: String?, _ call: Call, _ merchant: SandboxMerchant, _ moment: Moment
    ) throws(Fault) -> Answer {
        let day = try billDay(call.query["bill_date"], moment)
        let format = call.query["tar_type"]
        guard format == nil || format == "GZIP" else {
            throw .parameter(
                "压缩类型不合法", field: "tar_type", value: .text(format), issue: "only GZIP", location: "query")
        }
        let token = BillToken(
            mchid: merchant.mchid, bill: bill, day: day.daysSinceEpoch, subMchid: subMchid, isCompressed: format != nil,
            expiresAt: moment.business.advanced(by: BillToken.lifetime))
        let table = table(of: token)
        guard !table.rows.isEmpty else { throw Fault(400, "NO_STATEMENT_EXIST", "请求的账单文件不存在", number: 268_449_561) }
        let name = random.alphanumeric(32) + padded(nextSequence(), 12)
        state.money.billTokens = state.money.billTokens.filter { moment.business < $0.value.expiresAt }
        state.money.billTokens[name] = token
        isChanged = true
        let address = "\(call.origin)/v3/billdownload/file?token=\(name)"
        return .ok(
            .record(
                ("download_url", .string(token.isCompressed ? address + "&tartype=gzip" : address)), ("hash_type", "SHA1"),
                ("hash_value", .string(Hex.lower(Insecure.SHA1.hash(data: table.bytes))))))
    }

    /// `GET /v3/billdownload/file?token=`, 《下载账单》: needs a signature like every call, and its answer carries none.
    func downloadBill(_ call: Call, _ merchant: SandboxMerchant, _ moment: Moment) throws(Fault) -> Answer {
        guard let token = state.money.billTokens[call.query["token"] ?? ""], moment.business < token.expiresAt else {
            throw .invalidRequest("账单下载地址无效或已过期，请重新申请账单", number: 268_449_562)
        }
        guard token.mchid == merchant.mchid else { throw .noAuthority }
        let bytes = table(of: token).bytes
        var answer = Answer(status: 200, body: bytes, contentType: "text/plain; charset=utf-8")
        if token.isCompressed {
            guard let compressed = GZip.compressed(bytes) else { throw .systemError }
            answer = Answer(status: 200, body: compressed, contentType: "application/x-gzip")
        }
        answer.isSigned = false
        return answer
    }

    /// The day of a bill, when there may be one.
    func billDay(_ text: String?, _ moment: Moment) throws(Fault) -> BeijingDate {
        guard let text else {
            throw .parameter(
                "输入源“/query/bill_date”映射到字段“账单日期”必填性规则校验失败，此字段为必填项", field: "bill_date",
                issue: "required field is missing", location: "query")
        }
        guard let day = BeijingDate(text) else {
            throw .invalidRequest("账单日期不合法，格式应为yyyy-MM-DD", number: 268_449_566)
        }
        let today = BeijingDate(moment.business)
        guard day < today else { throw .invalidRequest("账单日期不合法，仅支持今日之前的账单", number: 268_449_563) }
        guard day >= today.threeMonthsEarlier else {
            throw .invalidRequest("账单日期不合法，仅支持三个月内的账单", number: 268_449_564)
        }
        guard moment.business >= day.advanced(by: 1).start.advanced(by: Self.billReady) else {
            throw Fault(400, "STATEMENT_CREATING", "账单生成中", number: 268_449_565)
        }
        return day
    }

    private func table(of token: BillToken) -> BillTable {
        let day = BeijingDate(daysSinceEpoch: token.day)
        switch token.bill {
        case .trade(let kind): return tradeBill(kind, token.mchid, token.subMchid, day).table
        case .fundFlow(let account):
            return FundFlowBill(state.money.ledger, account, token.subMchid ?? token.mchid, day).table
        }
    }

    /// The rows of a day: payments by when they were paid, refunds by when they were accepted.
    func tradeBill(_ kind: TradeBill.Kind, _ mchid: String, _ subMchid: String?, _ day: BeijingDate) -> TradeBill {
        let (start, end) = (day.start, day.advanced(by: 1).start)
        func isOfDay(_ order: SandboxOrder?, _ at: Timestamp) -> Bool {
            at >= start && at < end && order?.mchid == mchid && (subMchid == nil || order?.subMchid == subMchid)
        }
        func row(_ order: SandboxOrder, _ at: Timestamp, _ event: TradeBill.Row.Event) -> TradeBill.Row {
            .init(order: order, payer: payer(of: order, in: order.appid), at: at, event: event)
        }
        var rows: [TradeBill.Row] = []
        if kind != .refund {
            for order in state.orders.values {
                guard let paidAt = order.paidAt, isOfDay(order, paidAt) else { continue }
                rows.append(row(order, paidAt, .payment))
            }
        }
        if kind != .success {
            for refund in state.money.refunds.values {
                guard let order = state.orders[refund.orderKey], isOfDay(order, refund.createdAt) else { continue }
                rows.append(row(order, refund.createdAt, .refund(refund)))
            }
            for reversal in state.money.reversals {
                guard let order = state.orders[reversal.orderKey], isOfDay(order, reversal.at) else { continue }
                rows.append(row(order, reversal.at, .reversal(reversal)))
            }
        }
        rows.sort { ($0.at, $0.isPayment ? 0 : 1, $0.number) < ($1.at, $1.isPayment ? 0 : 1, $1.number) }
        return TradeBill(kind: kind, rows: rows, snapshot: end.advanced(by: Self.billMaking))
    }
}

extension BeijingDate {
    /// The same day three months before, or the last one of that month.
    fileprivate var threeMonthsEarlier: BeijingDate {
        let (year, month, day) = civil
        let (y, m) = month > 3 ? (year, month - 3) : (year - 1, month + 9)
        return (0...3).lazy.compactMap { BeijingDate(year: y, month: m, day: day - $0) }.first ?? self
    }
}
