/// An order for another app with WeChat's OpenSDK (《APP下单》). The merchant number is the client's.
public struct AppPrepayRequest: Hashable, Sendable {
    /// The app, registered at the open platform and bound to the merchant number; at most 32 bytes.
    public var appid: String
    /// What is bought.
    public var order: PrepayOrder
    /// Where it happens.
    public var sceneInfo: SceneInfo?

    /// A request out of its parts; nothing is checked before it is sent.
    public init(appid: String, order: PrepayOrder, sceneInfo: SceneInfo? = nil) {
        self.appid = appid
        self.order = order
        self.sceneInfo = sceneInfo
    }

    func body(mchid: String) -> PrepayBody {
        PrepayBody(payee: .direct(appid: appid, mchid: mchid), order: order, sceneInfo: sceneInfo)
    }
}
