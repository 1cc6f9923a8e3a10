/// The columns that this reader knows, with all names that WeChat has given them; the newest first.
///
/// Follows 《交易账单》 and 《资金账单》, and for the older names the bills of 2018 and before.
enum BillColumn: Int, CaseIterable, Sendable {
    // Trade bills.
    case tradeTime, appid, mchid, subMchid, deviceID, transactionID, outTradeNo, openid, tradeType, tradeState, bankType
    case currency, settlementTotal, couponAmount, refundApplied, refundSucceeded, refundID, outRefundNo, refund, couponRefund
    case refundChannel, refundState, description, attach, fee, rate, total, requestedRefund, rateNote
    // Fund-flow bills.
    case accountingTime, businessID, flowID, businessName, businessType, direction, amount, balance, applicant, remark, voucher

    var names: [String] {
        switch self {
        case .tradeTime: ["交易时间"]
        case .appid: ["公众账号ID"]
        case .mchid: ["商户号"]
        case .subMchid: ["特约商户号", "子商户号"]
        case .deviceID: ["设备号"]
        case .transactionID: ["微信订单号"]
        case .outTradeNo: ["商户订单号"]
        case .openid: ["用户标识"]
        case .tradeType: ["交易类型"]
        case .tradeState: ["交易状态"]
        case .bankType: ["付款银行"]
        case .currency: ["货币种类"]
        case .settlementTotal: ["应结订单金额", "总金额"]
        case .couponAmount: ["代金券金额", "代金券或立减优惠金额", "企业红包金额"]
        case .refundApplied: ["退款申请时间"]
        case .refundSucceeded: ["退款成功时间"]
        case .refundID: ["微信退款单号"]
        case .outRefundNo: ["商户退款单号"]
        case .refund: ["退款金额"]
        case .couponRefund: ["充值券退款金额", "代金券或立减优惠退款金额", "企业红包退款金额"]
        case .refundChannel: ["退款类型"]
        case .refundState: ["退款状态"]
        case .description: ["商品名称"]
        case .attach: ["商户数据包"]
        case .fee: ["手续费", "返还手续费"]
        case .rate: ["费率"]
        case .total: ["订单金额"]
        case .requestedRefund: ["申请退款金额"]
        case .rateNote: ["费率备注"]
        case .accountingTime: ["记账时间"]
        case .businessID: ["微信支付业务单号"]
        case .flowID: ["资金流水单号"]
        case .businessName: ["业务名称"]
        case .businessType: ["业务类型"]
        case .direction: ["收支类型"]
        case .amount: ["收支金额(元)", "收支金额（元）", "收支金额"]
        case .balance: ["账户结余(元)", "账户结余（元）", "账户结余"]
        case .applicant: ["资金变更提交申请人"]
        case .remark: ["备注"]
        case .voucher: ["业务凭证号"]
        }
    }

    /// The name by which an error calls the column.
    var name: String { names[0] }
}

/// Where each column stands in one bill.
final class BillHeader: Sendable {
    /// The names in their order.
    let names: [String]
    /// For each ``BillColumn`` its place, or -1.
    private let places: [Int]

    /// - Throws: `malformed` for a name that is there twice.
    init(_ names: [String]) throws(WeChatPayError) {
        var found: [String: Int] = [:]
        for (place, name) in names.enumerated() where !name.isEmpty {
            guard found.updateValue(place, forKey: name) == nil else {
                throw WeChatPayError(.malformed, "the bill's header has the column \(name.prefix(40)) twice")
            }
        }
        self.names = names
        places = BillColumn.allCases.map { $0.names.lazy.compactMap { found[$0] }.first ?? -1 }
    }

    /// The column's place, counted from 0; -1 when the bill does not have it.
    func place(_ column: BillColumn) -> Int { places[column.rawValue] }

    func has(_ column: BillColumn) -> Bool { places[column.rawValue] >= 0 }

    /// - Throws: `malformed` naming the column that is missing.
    func require(_ columns: [BillColumn], of kind: String) throws(WeChatPayError) {
        for column in columns where !has(column) {
            throw WeChatPayError(.malformed, "this is no \(kind): its header has no column \(column.name)")
        }
    }
}
