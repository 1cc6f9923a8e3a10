/// A sub-merchant's order for a mini-program or an official account (《服务商 JSAPI/小程序下单》). The service provider's number is the client's.
public struct PartnerJSAPIPrepayRequest: Hashable, Sendable {
    /// The service provider's app id, bound to its number; at most 32 bytes.
    public var spAppid: String
    /// The sub-merchant's number, at most 32 letters and digits.
    public var subMchid: String
    /// The sub-merchant's app id, at most 32 bytes.
    public var subAppid: String?
    /// What is bought.
    public var order: PrepayOrder
    /// Who pays.
    public var payer: PartnerPayer
    /// Where it happens.
    public var sceneInfo: SceneInfo?

    /// A request out of its parts; nothing is checked before it is sent.
    public init(
        spAppid: String, subMchid: String, subAppid: String? = nil, order: PrepayOrder, payer: PartnerPayer,
        sceneInfo: SceneInfo? = nil
    ) {
        self.spAppid = spAppid
        self.subMchid = subMchid
        self.subAppid = subAppid
        self.order = order
        self.payer = payer
        self.sceneInfo = sceneInfo
    }

    func body(spMchid: String) -> PrepayBody {
        PrepayBody(
            payee: .partner(spAppid: spAppid, spMchid: spMchid, subAppid: subAppid, subMchid: subMchid), order: order,
            payer: .partner(payer), sceneInfo: sceneInfo)
    }
}
