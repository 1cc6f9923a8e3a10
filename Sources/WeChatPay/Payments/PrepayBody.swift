/// The body of every prepay request: who is paid, the order, and what the way to pay adds.
struct PrepayBody: CheckedBody {
    let payee: Payee
    let order: PrepayOrder
    var payer: Payer? = nil
    var sceneInfo: SceneInfo? = nil
    var h5Info: H5Info? = nil

    /// Who pays, where WeChat wants to know it beforehand.
    enum Payer {
        case direct(openid: String)
        case partner(PartnerPayer)

        var field: (name: String, openid: String) {
            switch self {
            case .direct(let openid): ("openid", openid)
            case .partner(.sp(let openid)): ("sp_openid", openid)
            case .partner(.sub(let openid)): ("sub_openid", openid)
            }
        }
    }

    private enum CodingKeys: String, CodingKey {
        case payer
        case sceneInfo = "scene_info"
    }

    func encode(to encoder: any Encoder) throws {
        try payee.encode(to: encoder)
        try order.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        if let field = payer?.field { try container.encode([field.name: field.openid], forKey: .payer) }
        if let sceneInfo { try container.encode(SceneField(scene: sceneInfo, h5Info: h5Info), forKey: .sceneInfo) }
    }

    func validate() throws(WeChatPayError) {
        try payee.validate()
        try order.validate()
        if let field = payer?.field { try WeChatText.check(field.openid, "payer.\(field.name)", 1...128) }
        if case .partner(.sub) = payer, case .partner(_, _, subAppid: nil, _) = payee {
            throw WeChatPayError(.invalidArgument, "sub_appid: missing; payer.sub_openid is an openid under it")
        }
        try sceneInfo?.validate()
        try h5Info?.validate()
    }
}

/// A `scene_info`, with the web page of an H5 payment.
struct SceneField<Scene: Encodable>: Encodable {
    let scene: Scene
    let h5Info: H5Info?

    private enum CodingKeys: String, CodingKey {
        case h5Info = "h5_info"
    }

    func encode(to encoder: any Encoder) throws {
        try scene.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(h5Info, forKey: .h5Info)
    }
}
