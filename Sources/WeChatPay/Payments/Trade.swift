/// How it stands with an order: the part of WeChat's order objects that does not depend on who is paid.
///
/// ``Transaction``, ``PartnerTransaction`` and ``CombineTransaction/SubOrder`` hand its members through, so that
/// `transaction.tradeState` is `transaction.trade.tradeState`.
public struct Trade: Hashable, Sendable {
    /// The merchant's order number.
    public let outTradeNo: String
    /// WeChat's order number, once paid.
    public let transactionID: String?
    /// How it was paid.
    public let tradeType: TradeType?
    /// The state.
    public let tradeState: TradeState
    /// The state in Chinese.
    public let tradeStateDescription: String?
    /// The bank, for example `CMB_DEBIT`, or `OTHERS`.
    public let bankType: String?
    /// What the prepay request attached, once paid.
    public let attach: String?
    /// When it was paid.
    public let successTime: Timestamp?
    /// What was to be paid, and was paid.
    public let amount: Transaction.Amount?
    /// The merchant's device, from the prepay request.
    public let deviceID: String?
    /// Coupons that were used; empty for none.
    public let promotionDetail: [Transaction.Promotion]

    /// An order out of its parts.
    package init(
        outTradeNo: String, transactionID: String?, tradeType: TradeType?, tradeState: TradeState,
        tradeStateDescription: String?, bankType: String?, attach: String?, successTime: Timestamp?,
        amount: Transaction.Amount?, deviceID: String?, promotionDetail: [Transaction.Promotion]
    ) {
        self.outTradeNo = outTradeNo
        self.transactionID = transactionID
        self.tradeType = tradeType
        self.tradeState = tradeState
        self.tradeStateDescription = tradeStateDescription
        self.bankType = bankType
        self.attach = attach
        self.successTime = successTime
        self.amount = amount
        self.deviceID = deviceID
        self.promotionDetail = promotionDetail
    }
}

extension Trade: Decodable {
    private enum CodingKeys: String, CodingKey {
        case attach, amount
        case outTradeNo = "out_trade_no"
        case transactionID = "transaction_id"
        case tradeType = "trade_type"
        case tradeState = "trade_state"
        case tradeStateDescription = "trade_state_desc"
        case bankType = "bank_type"
        case successTime = "success_time"
        case sceneInfo = "scene_info"
        case promotionDetail = "promotion_detail"
    }

    /// Reads its members out of WeChat's order object.
    public init(from decoder: any Decoder) throws {
        try self.init(from: decoder) { container, key in
            try container.decodeIfPresent(Transaction.Amount.self, forKey: key)
        }
    }

    /// Reads an order whose amounts have other names.
    init<Amount: Decodable>(
        from decoder: any Decoder, amount type: Amount.Type, _ convert: (Amount) -> Transaction.Amount
    ) throws {
        try self.init(from: decoder) { container, key in
            try container.decodeIfPresent(type, forKey: key).map(convert)
        }
    }

    private init(
        from decoder: any Decoder,
        readAmount: (KeyedDecodingContainer<CodingKeys>, CodingKeys) throws -> Transaction.Amount?
    ) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        outTradeNo = try container.requiredText(.outTradeNo)
        tradeState = TradeState(rawValue: try container.requiredText(.tradeState))
        transactionID = try container.text(.transactionID)
        tradeType = try container.text(.tradeType).map(TradeType.init)
        tradeStateDescription = try container.text(.tradeStateDescription)
        bankType = try container.text(.bankType)
        attach = try container.text(.attach)
        successTime = try container.time(.successTime)
        amount = try readAmount(container, .amount)
        // Coupons are told for information; one that is written in a new way must not hide that the order was paid.
        promotionDetail = (try? container.decodeIfPresent([Transaction.Promotion].self, forKey: .promotionDetail)) ?? []
        deviceID = try container.decodeIfPresent(AnsweredScene.self, forKey: .sceneInfo)?.deviceID
    }
}

/// The `scene_info` of an answer: of what the request said, the device only.
struct AnsweredScene: Decodable {
    let deviceID: String?

    private enum CodingKeys: String, CodingKey {
        case deviceID = "device_id"
    }

    init(from decoder: any Decoder) throws {
        deviceID = try decoder.container(keyedBy: CodingKeys.self).text(.deviceID)
    }
}
