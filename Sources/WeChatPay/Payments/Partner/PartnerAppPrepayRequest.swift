/// A sub-merchant's order for another app with WeChat's OpenSDK (《服务商 APP下单》). The service provider's number is the client's.
public struct PartnerAppPrepayRequest: Hashable, Sendable {
    /// The service provider's app id, bound to its number; at most 32 bytes.
    public var spAppid: String
    /// The sub-merchant's number, at most 32 letters and digits.
    public var subMchid: String
    /// The sub-merchant's app id, at most 32 bytes.
    public var subAppid: String?
    /// What is bought.
    public var order: PrepayOrder
    /// Where it happens.
    public var sceneInfo: SceneInfo?

    /// A request out of its parts; nothing is checked before it is sent.
    public init(
        spAppid: String, subMchid: String, subAppid: String? = nil, order: PrepayOrder, sceneInfo: SceneInfo? = nil
    ) {
        self.spAppid = spAppid
        self.subMchid = subMchid
        self.subAppid = subAppid
        self.order = order
        self.sceneInfo = sceneInfo
    }

    func body(spMchid: String) -> PrepayBody {
        PrepayBody(
            payee: .partner(spAppid: spAppid, spMchid: spMchid, subAppid: subAppid, subMchid: subMchid), order: order,
            sceneInfo: sceneInfo)
    }
}
