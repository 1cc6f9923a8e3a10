/// A charge of a payer's code for a sub-merchant (《服务商 付款码支付》). The service provider's number is the client's.
public struct PartnerCodePayRequest: Hashable, Sendable {
    /// The service provider's app id, bound to its number; at most 32 bytes.
    public var spAppid: String
    /// The sub-merchant's number, at most 32 letters and digits.
    public var subMchid: String
    /// The sub-merchant's app id, at most 32 bytes.
    public var subAppid: String?
    /// What is bought, and the payer's code.
    public var order: CodePayOrder

    /// A request out of its parts; nothing is checked before it is sent.
    public init(spAppid: String, subMchid: String, subAppid: String? = nil, order: CodePayOrder) {
        self.spAppid = spAppid
        self.subMchid = subMchid
        self.subAppid = subAppid
        self.order = order
    }

    func body(spMchid: String) -> CodePayBody {
        CodePayBody(
            payee: .partner(spAppid: spAppid, spMchid: spMchid, subAppid: subAppid, subMchid: subMchid), order: order)
    }
}
