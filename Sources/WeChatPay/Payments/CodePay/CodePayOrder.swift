/// What a payer pays by showing a code (付款码) to the merchant's scanner. There is no notification and no expiry: the
/// answer, a query or a reversal says how it ended.
///
/// Its description leaves the payer's code out: who has it can charge.
public struct CodePayOrder: Hashable, Sendable, CustomDebugStringConvertible, CustomReflectable {
    /// What is bought, 1–127 bytes; the payer sees it.
    public var description: String
    /// The merchant's order number, 6–32 of `0-9 A-Z a-z _ - | *`, unique for the merchant. A new code after a failure
    /// needs a new number.
    public var outTradeNo: String
    /// What is to be paid, at least one fen.
    public var amount: Money
    /// The digits of the payer's code, 1–32; good for one charge, about a minute long.
    public var authCode: String
    /// Where it happens.
    public var sceneInfo: CodePaySceneInfo
    /// Comes back in queries, at most 128 bytes.
    public var attach: String?
    /// A mark for discounts, at most 32 bytes.
    public var goodsTag: String?
    /// Whether the payment message has an entrance to e-invoices.
    public var supportFapiao: Bool?
    /// The goods.
    public var detail: OrderDetail?
    /// How the money is settled.
    public var settleInfo: SettleInfo?

    /// An order out of its parts; nothing is checked before it is sent.
    public init(
        description: String, outTradeNo: String, amount: Money, authCode: String, sceneInfo: CodePaySceneInfo,
        attach: String? = nil, goodsTag: String? = nil, supportFapiao: Bool? = nil, detail: OrderDetail? = nil,
        settleInfo: SettleInfo? = nil
    ) {
        self.description = description
        self.outTradeNo = outTradeNo
        self.amount = amount
        self.authCode = authCode
        self.sceneInfo = sceneInfo
        self.attach = attach
        self.goodsTag = goodsTag
        self.supportFapiao = supportFapiao
        self.detail = detail
        self.settleInfo = settleInfo
    }

    /// Without the payer's code.
    public var debugDescription: String { "CodePayOrder(outTradeNo: \(outTradeNo), amount: \(amount))" }

    /// Without the payer's code.
    public var customMirror: Mirror {
        Mirror(self, children: ["outTradeNo": outTradeNo, "amount": amount.description, "description": description])
    }
}
