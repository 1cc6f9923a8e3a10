/// An order for a browser outside WeChat (《H5下单》). The merchant number is the client's.
public struct H5PrepayRequest: Hashable, Sendable {
    /// The official account, mini-program or app, bound to the merchant number; at most 32 bytes.
    public var appid: String
    /// What is bought.
    public var order: PrepayOrder
    /// Where it happens. Its ``SceneInfo/payerClientIP`` must be the address from which the payer's browser comes.
    public var sceneInfo: SceneInfo
    /// The page or app that sends the payer to WeChat.
    public var h5Info: H5Info

    /// A request out of its parts; nothing is checked before it is sent.
    public init(appid: String, order: PrepayOrder, sceneInfo: SceneInfo, h5Info: H5Info) {
        self.appid = appid
        self.order = order
        self.sceneInfo = sceneInfo
        self.h5Info = h5Info
    }

    func body(mchid: String) -> PrepayBody {
        PrepayBody(payee: .direct(appid: appid, mchid: mchid), order: order, sceneInfo: sceneInfo, h5Info: h5Info)
    }
}
