/// Several orders that are paid together (合单): the part that all combined prepay requests have in common. The merchant
/// number that places it is the client's.
public struct CombineOrder: Hashable, Sendable {
    /// The app id of the combined order, bound to the merchant number; at most 32 bytes.
    public var combineAppid: String
    /// The merchant's number of the combined order, 2–32 of `0-9 A-Z a-z _ - | *`.
    public var combineOutTradeNo: String
    /// Where WeChat reports the payment, once for all orders: absolute, with a path, without query, at most 255 bytes.
    public var notifyURL: String
    /// The orders, 2–10 for a merchant, 1–50 for a service provider.
    public var subOrders: [SubOrder]
    /// From when it can be paid.
    public var timeStart: Timestamp?
    /// The last moment at which it can be paid.
    public var timeExpire: Timestamp?
    /// Ways to pay that are excluded; empty for none.
    public var limitPay: [LimitPay]

    /// A combined order out of its parts; nothing is checked before it is sent.
    public init(
        combineAppid: String, combineOutTradeNo: String, notifyURL: String, subOrders: [SubOrder],
        timeStart: Timestamp? = nil, timeExpire: Timestamp? = nil, limitPay: [LimitPay] = []
    ) {
        self.combineAppid = combineAppid
        self.combineOutTradeNo = combineOutTradeNo
        self.notifyURL = notifyURL
        self.subOrders = subOrders
        self.timeStart = timeStart
        self.timeExpire = timeExpire
        self.limitPay = limitPay
    }

    /// An order in a combined one.
    public struct SubOrder: Hashable, Sendable {
        /// Which order of whom.
        public var reference: SubOrderReference
        /// What is bought, 1–127 bytes; the payer sees it.
        public var description: String
        /// What is to be paid, at least one fen.
        public var amount: Money
        /// Comes back in queries and notifications, 1–128 bytes.
        public var attach: String
        /// The goods, as JSON in a text; at most 6,000 bytes.
        public var detail: String?
        /// A mark for discounts, at most 32 bytes.
        public var goodsTag: String?
        /// How the money is settled.
        public var settleInfo: CombineSettleInfo?

        /// An order out of its parts.
        public init(
            reference: SubOrderReference, description: String, amount: Money, attach: String, detail: String? = nil,
            goodsTag: String? = nil, settleInfo: CombineSettleInfo? = nil
        ) {
            self.reference = reference
            self.description = description
            self.amount = amount
            self.attach = attach
            self.detail = detail
            self.goodsTag = goodsTag
            self.settleInfo = settleInfo
        }
    }

    /// Which order of whom: what a combined order is closed with.
    public struct SubOrderReference: Hashable, Sendable, Encodable {
        /// The merchant who is paid; the service provider where there is a ``subMchid``.
        public var mchid: String
        /// That merchant's order number, 2–32 of `0-9 A-Z a-z _ - | *`.
        public var outTradeNo: String
        /// The sub-merchant of a service provider.
        public var subMchid: String?
        /// The sub-merchant's app id, at most 32 bytes.
        public var subAppid: String?

        /// A reference out of its parts.
        public init(mchid: String, outTradeNo: String, subMchid: String? = nil, subAppid: String? = nil) {
            self.mchid = mchid
            self.outTradeNo = outTradeNo
            self.subMchid = subMchid
            self.subAppid = subAppid
        }

        /// WeChat's names.
        enum CodingKeys: String, CodingKey {
            case mchid
            case outTradeNo = "out_trade_no"
            case subMchid = "sub_mchid"
            case subAppid = "sub_appid"
        }

        func validate(_ field: String) throws(WeChatPayError) {
            try WeChatText.checkMchid(mchid, "\(field).mchid")
            try WeChatText.checkOutTradeNo(outTradeNo, "\(field).out_trade_no", least: 2)
            if let subMchid { try WeChatText.checkMchid(subMchid, "\(field).sub_mchid") }
            try WeChatText.check(subAppid, "\(field).sub_appid", 1...32)
        }
    }
}

/// How the money of a sub-order is settled (`settle_info`).
public struct CombineSettleInfo: Hashable, Sendable, Encodable {
    /// Whether the money is frozen for profit sharing.
    public var profitSharing: Bool?
    /// What the service provider adds for a discount, in fen.
    public var subsidyAmount: Int64?

    /// A settlement.
    public init(profitSharing: Bool? = nil, subsidyAmount: Int64? = nil) {
        self.profitSharing = profitSharing
        self.subsidyAmount = subsidyAmount
    }

    /// WeChat's names.
    enum CodingKeys: String, CodingKey {
        case profitSharing = "profit_sharing"
        case subsidyAmount = "subsidy_amount"
    }
}

/// Where a combined payment happens (`scene_info`).
public struct CombineSceneInfo: Hashable, Sendable, Encodable {
    /// The payer's IP address, v4 or v6, at most 45 bytes.
    public var payerClientIP: String
    /// The merchant's device or till, at most 16 bytes.
    public var deviceID: String?

    /// A scene out of its parts.
    public init(payerClientIP: String, deviceID: String? = nil) {
        self.payerClientIP = payerClientIP
        self.deviceID = deviceID
    }

    /// WeChat's names.
    enum CodingKeys: String, CodingKey {
        case payerClientIP = "payer_client_ip"
        case deviceID = "device_id"
    }

    func validate() throws(WeChatPayError) {
        try WeChatText.check(payerClientIP, "scene_info.payer_client_ip", 1...45)
        try WeChatText.check(deviceID, "scene_info.device_id", 1...16)
    }
}
