/// A sub-merchant's order for a browser outside WeChat (《服务商 H5下单》). The service provider's number is the client's.
public struct PartnerH5PrepayRequest: Hashable, Sendable {
    /// The service provider's app id, bound to its number; at most 32 bytes.
    public var spAppid: String
    /// The sub-merchant's number, at most 32 letters and digits.
    public var subMchid: String
    /// The sub-merchant's app id, at most 32 bytes.
    public var subAppid: String?
    /// What is bought.
    public var order: PrepayOrder
    /// Where it happens. Its ``SceneInfo/payerClientIP`` must be the address from which the payer's browser comes.
    public var sceneInfo: SceneInfo
    /// The page or app that sends the payer to WeChat.
    public var h5Info: H5Info

    /// A request out of its parts; nothing is checked before it is sent.
    public init(
        spAppid: String, subMchid: String, subAppid: String? = nil, order: PrepayOrder, sceneInfo: SceneInfo, h5Info: H5Info
    ) {
        self.spAppid = spAppid
        self.subMchid = subMchid
        self.subAppid = subAppid
        self.order = order
        self.sceneInfo = sceneInfo
        self.h5Info = h5Info
    }

    func body(spMchid: String) -> PrepayBody {
        PrepayBody(
            payee: .partner(spAppid: spAppid, spMchid: spMchid, subAppid: subAppid, subMchid: subMchid), order: order,
            sceneInfo: sceneInfo, h5Info: h5Info)
    }
}
