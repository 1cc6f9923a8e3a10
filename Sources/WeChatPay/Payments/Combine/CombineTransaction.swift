/// A combined order (合单) as WeChat sees it: the answer to a query and the content of its `TRANSACTION.SUCCESS`. All its
/// sub-orders are paid together.
///
/// Only what WeChat always sends is demanded. Empty texts are absent ones, unknown fields are ignored.
public struct CombineTransaction: Hashable, Sendable {
    /// The app id of the combined order.
    public let combineAppid: String?
    /// The number of the merchant who placed it.
    public let combineMchid: String
    /// The merchant's number of the combined order.
    public let combineOutTradeNo: String
    /// The merchant's device, from the request.
    public let deviceID: String?
    /// Who paid. Its openid is under ``combineAppid``.
    public let payer: Transaction.Payer?
    /// The orders in it; at least one.
    public let subOrders: [SubOrder]

    /// Reads WeChat's JSON, strictly.
    ///
    /// - Throws: ``WeChatPayError`` with code `malformed`.
    public init(json: [UInt8]) throws(WeChatPayError) {
        self = try decodeStrictly(CombineTransaction.self, json, "the combined order").get()
    }

    /// An order in a combined one. Its refund names its own ``Trade/transactionID``.
    @dynamicMemberLookup
    public struct SubOrder: Hashable, Sendable {
        /// The number of the merchant who is paid; of a service provider where ``subMchid`` is there.
        public let mchid: String
        /// The sub-merchant of a service provider.
        public let subMchid: String?
        /// The sub-merchant's app id.
        public let subAppid: String?
        /// How it stands with the order. Its amounts are WeChat's `total_amount` and `payer_amount`.
        public let trade: Trade

        /// A member of ``trade``.
        public subscript<Value>(dynamicMember member: KeyPath<Trade, Value>) -> Value { trade[keyPath: member] }
    }
}

extension CombineTransaction: Decodable {
    private enum CodingKeys: String, CodingKey {
        case combineAppid = "combine_appid"
        case combineMchid = "combine_mchid"
        case combineOutTradeNo = "combine_out_trade_no"
        case sceneInfo = "scene_info"
        case payer = "combine_payer_info"
        case subOrders = "sub_orders"
    }

    /// Reads WeChat's combined order; see ``init(json:)`` for bytes from outside.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        combineMchid = try container.requiredText(.combineMchid)
        combineOutTradeNo = try container.requiredText(.combineOutTradeNo)
        combineAppid = try container.text(.combineAppid)
        deviceID = try container.decodeIfPresent(AnsweredScene.self, forKey: .sceneInfo)?.deviceID
        payer = try container.decodeIfPresent(Transaction.Payer.self, forKey: .payer)
        subOrders = try container.decode([SubOrder].self, forKey: .subOrders)
        guard !subOrders.isEmpty else {
            throw DecodingError.dataCorruptedError(forKey: .subOrders, in: container, debugDescription: "empty")
        }
    }
}

extension CombineTransaction.SubOrder: Decodable {
    private enum CodingKeys: String, CodingKey {
        case mchid
        case subMchid = "sub_mchid"
        case subAppid = "sub_appid"
    }

    /// The amounts of a sub-order under their own names.
    private struct Amount: Decodable {
        let total: Int64?
        let payerTotal: Int64?
        let currency: String?
        let payerCurrency: String?

        enum CodingKeys: String, CodingKey {
            case total = "total_amount"
            case payerTotal = "payer_amount"
            case currency
            case payerCurrency = "payer_currency"
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            total = try container.decodeIfPresent(Int64.self, forKey: .total)
            payerTotal = try container.decodeIfPresent(Int64.self, forKey: .payerTotal)
            currency = try container.text(.currency)
            payerCurrency = try container.text(.payerCurrency)
        }
    }

    /// Reads an entry of WeChat's `sub_orders`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        mchid = try container.requiredText(.mchid)
        subMchid = try container.text(.subMchid)
        subAppid = try container.text(.subAppid)
        trade = try Trade(from: decoder, amount: Amount.self) {
            Transaction.Amount(
                total: $0.total, payerTotal: $0.payerTotal, currency: $0.currency.map(Currency.init),
                payerCurrency: $0.payerCurrency.map(Currency.init))
        }
    }
}
