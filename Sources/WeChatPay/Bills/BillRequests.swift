/// Which trade bill is asked for: 《申请交易账单》.
public struct TradeBillRequest: Hashable, Sendable {
    /// The day in Beijing. Its bill is made from 09:00 of the next day on and kept for three months.
    public var date: BeijingDate
    /// Which rows; `nil` for WeChat's default, all.
    public var type: TradeBillType?
    /// For a service provider: one sub-merchant alone.
    public var subMchid: String?
    /// Whether WeChat compresses the file on the way. The reader does not notice.
    public var isCompressed: Bool

    /// A request out of its parts.
    public init(date: BeijingDate, type: TradeBillType? = nil, subMchid: String? = nil, isCompressed: Bool = true) {
        self.date = date
        self.type = type
        self.subMchid = subMchid
        self.isCompressed = isCompressed
    }

    func query() throws(WeChatPayError) -> [(name: String, value: String)] {
        var query = [(name: "bill_date", value: "\(date)")]
        if let type { query.append(("bill_type", type.rawValue)) }
        if let subMchid {
            guard subMchid.isToken, subMchid.utf8.count <= 32 else {
                throw WeChatPayError(.invalidArgument, "sub_mchid: blank, longer than 32 bytes, or not letters and digits")
            }
            query.append(("sub_mchid", subMchid))
        }
        if isCompressed { query.append(("tar_type", "GZIP")) }
        return query
    }
}

/// Which fund-flow bill is asked for: 《申请资金账单》.
public struct FundFlowBillRequest: Hashable, Sendable {
    /// The day in Beijing.
    public var date: BeijingDate
    /// Which account; `nil` for WeChat's default, the basic account.
    public var account: BillAccount?
    /// Whether WeChat compresses the file on the way. The reader does not notice.
    public var isCompressed: Bool

    /// A request out of its parts.
    public init(date: BeijingDate, account: BillAccount? = nil, isCompressed: Bool = true) {
        self.date = date
        self.account = account
        self.isCompressed = isCompressed
    }

    func query() -> [(name: String, value: String)] {
        var query = [(name: "bill_date", value: "\(date)")]
        if let account { query.append(("account_type", account.rawValue)) }
        if isCompressed { query.append(("tar_type", "GZIP")) }
        return query
    }
}

/// Which rows a trade bill has (`bill_type`). An open set.
public struct TradeBillType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// WeChat's word.
    public let rawValue: String

    /// Takes the word as it stands.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Payments and refunds.
    public static let all = TradeBillType(rawValue: "ALL")
    /// Payments.
    public static let success = TradeBillType(rawValue: "SUCCESS")
    /// Refunds.
    public static let refund = TradeBillType(rawValue: "REFUND")
    /// Refunds of top-ups.
    public static let rechargeRefund = TradeBillType(rawValue: "RECHARGE_REFUND")

    public var description: String { rawValue }
}

/// An account of the merchant at WeChat (`account_type`). An open set.
public struct BillAccount: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// WeChat's word.
    public let rawValue: String

    /// Takes the word as it stands.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The basic account (基本账户).
    public static let basic = BillAccount(rawValue: "BASIC")
    /// The operation account (运营账户).
    public static let operation = BillAccount(rawValue: "OPERATION")
    /// The fee account (手续费账户).
    public static let fees = BillAccount(rawValue: "FEES")

    public var description: String { rawValue }
}
