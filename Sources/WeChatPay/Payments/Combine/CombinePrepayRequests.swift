/// A combined order for a mini-program or an official account (《合单 JSAPI/小程序下单》).
public struct CombineJSAPIPrepayRequest: Sendable, CustomDebugStringConvertible, CustomReflectable {
    /// The orders.
    public var order: CombineOrder
    /// The payer under ``CombineOrder/combineAppid``, 1–128 bytes.
    public var payerOpenID: String
    /// Where it happens.
    public var sceneInfo: CombineSceneInfo?

    /// A request out of its parts; nothing is checked before it is sent.
    public init(order: CombineOrder, payerOpenID: String, sceneInfo: CombineSceneInfo? = nil) {
        self.order = order
        self.payerOpenID = payerOpenID
        self.sceneInfo = sceneInfo
    }

    /// Without the payer, who belongs in no log.
    public var debugDescription: String { "CombineJSAPIPrepayRequest(outTradeNo: \(order.combineOutTradeNo))" }

    /// Without the payer.
    public var customMirror: Mirror { Mirror(self, children: ["order": order]) }
}

/// A combined order for another app with WeChat's OpenSDK (《合单 APP下单》).
public struct CombineAppPrepayRequest: Hashable, Sendable {
    /// The orders.
    public var order: CombineOrder
    /// Where it happens.
    public var sceneInfo: CombineSceneInfo?

    /// A request out of its parts; nothing is checked before it is sent.
    public init(order: CombineOrder, sceneInfo: CombineSceneInfo? = nil) {
        self.order = order
        self.sceneInfo = sceneInfo
    }
}

/// A combined order for a QR code that the payer scans (《合单 Native下单》).
public struct CombineNativePrepayRequest: Hashable, Sendable {
    /// The orders.
    public var order: CombineOrder
    /// Where it happens.
    public var sceneInfo: CombineSceneInfo?

    /// A request out of its parts; nothing is checked before it is sent.
    public init(order: CombineOrder, sceneInfo: CombineSceneInfo? = nil) {
        self.order = order
        self.sceneInfo = sceneInfo
    }
}

/// A combined order for a browser outside WeChat (《合单 H5下单》).
public struct CombineH5PrepayRequest: Hashable, Sendable {
    /// The orders.
    public var order: CombineOrder
    /// Where it happens. Its ``CombineSceneInfo/payerClientIP`` must be the address from which the payer's browser comes.
    public var sceneInfo: CombineSceneInfo
    /// The page or app that sends the payer to WeChat.
    public var h5Info: H5Info

    /// A request out of its parts; nothing is checked before it is sent.
    public init(order: CombineOrder, sceneInfo: CombineSceneInfo, h5Info: H5Info) {
        self.order = order
        self.sceneInfo = sceneInfo
        self.h5Info = h5Info
    }
}
