/// An order for a mini-program or an official account (《JSAPI/小程序下单》). The merchant number is the client's.
public struct JSAPIPrepayRequest: Sendable, CustomDebugStringConvertible, CustomReflectable {
    /// The mini-program or official account, bound to the merchant number; at most 32 bytes.
    public var appid: String
    /// What is bought.
    public var order: PrepayOrder
    /// The payer under ``appid``, 1–128 bytes.
    public var payerOpenID: String
    /// Where it happens.
    public var sceneInfo: SceneInfo?

    /// A request out of its parts; nothing is checked before it is sent.
    public init(appid: String, order: PrepayOrder, payerOpenID: String, sceneInfo: SceneInfo? = nil) {
        self.appid = appid
        self.order = order
        self.payerOpenID = payerOpenID
        self.sceneInfo = sceneInfo
    }

    func body(mchid: String) -> PrepayBody {
        PrepayBody(
            payee: .direct(appid: appid, mchid: mchid), order: order, payer: .direct(openid: payerOpenID), sceneInfo: sceneInfo)
    }

    /// Without the payer, who belongs in no log.
    public var debugDescription: String {
        "JSAPIPrepayRequest(appid: \(appid), outTradeNo: \(order.outTradeNo), amount: \(order.amount))"
    }

    /// Without the payer.
    public var customMirror: Mirror { Mirror(self, children: ["appid": appid, "order": order]) }
}
