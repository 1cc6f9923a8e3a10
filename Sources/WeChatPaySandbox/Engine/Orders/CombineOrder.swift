import PaymentPrimitives

/// A combined order: up to fifty orders that are paid together or not at all.
struct CombineOrder: Codable, Sendable, Equatable {
    let outTradeNo: String
    let mchid: String
    let appid: String
    let tradeType: String
    let notifyURL: String
    let openid: String?
    let deviceID: String?
    /// The keys of its parts, in their order.
    let partKeys: [String]
    var prepayIDs: [SandboxOrder.PrepayID] = []
    /// The first request's fields in the order of their names: a further request must say the same.
    let parameters: String

    /// Its number is no order's number, so it has a key that no order has.
    static func key(_ mchid: String, _ outTradeNo: String) -> String { "combine/" + SandboxOrder.key(mchid, outTradeNo) }

    var key: String { Self.key(mchid, outTradeNo) }
}

/// What a user sees when paying: one order, or the parts of a combined one.
struct PaymentSheet: Sendable {
    var orders: [SandboxOrder]
    var combine: CombineOrder?
    /// Until when the way by which the user came works.
    let expiresAt: Timestamp?

    /// The parts of a combined order differ in nothing that the sheet shows before they are paid.
    var first: SandboxOrder { orders[0] }
}
