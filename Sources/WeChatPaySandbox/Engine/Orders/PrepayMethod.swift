import PaymentPrimitives

/// The ways of paying that begin with an order and end at the user's phone; the raw value is the path's last word.
enum PrepayMethod: String, Sendable, CaseIterable {
    case jsapi, app, h5, native

    var tradeType: String {
        switch self {
        case .jsapi: "JSAPI"
        case .app: "APP"
        case .h5: "MWEB"
        case .native: "NATIVE"
        }
    }

    /// How long what the merchant was given works, whatever `time_expire` says.
    var lifetime: Duration { self == .h5 ? .seconds(300) : .seconds(7200) }
}

/// Whose paths a call uses.
enum Scope: Sendable {
    /// `/v3/pay/transactions/`
    case direct
    /// `/v3/pay/partner/transactions/`
    case partner

    /// The field that names the merchant who signs.
    var signerField: String { self == .direct ? "mchid" : "sp_mchid" }
    /// The field that names the signer's app.
    var appField: String { self == .direct ? "appid" : "sp_appid" }

    /// Refuses the other kind of merchant; the messages are live ones.
    func admit(_ merchant: SandboxMerchant) throws(Fault) {
        switch (self, merchant.role) {
        case (.direct, .merchant), (.partner, .partner): return
        case (.direct, .partner): throw .parameter("受理机构必须传入sub_mch_id")
        case (.partner, .merchant): throw .parameter("普通商户不允许传sub_mch_id")
        }
    }
}

/// Who an order is between: the merchant that signs, and with a service provider the merchant below it.
struct Parties: Sendable {
    let mchid: String
    let appid: String
    var subMchid: String? = nil
    var subAppid: String? = nil
}
