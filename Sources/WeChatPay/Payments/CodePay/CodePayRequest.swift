/// A charge of a payer's code (《付款码支付》). The merchant number is the client's.
public struct CodePayRequest: Hashable, Sendable {
    /// The official account, mini-program or app, bound to the merchant number; at most 32 bytes.
    public var appid: String
    /// What is bought, and the payer's code.
    public var order: CodePayOrder

    /// A request out of its parts; nothing is checked before it is sent.
    public init(appid: String, order: CodePayOrder) {
        self.appid = appid
        self.order = order
    }

    func body(mchid: String) -> CodePayBody {
        CodePayBody(payee: .direct(appid: appid, mchid: mchid), order: order)
    }
}
