import PaymentPrimitives

extension Engine {
    /// Who a checked body speaks of. The signer's own number has been compared already.
    func parties(in body: JSONValue, _ scope: Scope, _ merchant: SandboxMerchant) throws(Fault) -> Parties {
        try scope.admit(merchant)
        if let appid = body[scope.appField]?.string, appid != merchant.appid {
            throw Fault(400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配，请检查后再试", number: 268_445_527)
        }
        var parties = Parties(mchid: merchant.mchid, appid: merchant.appid)
        guard scope == .partner else { return parties }
        let sub = try subMerchant(body["sub_mchid"]?.string ?? "", of: merchant)
        parties.subMchid = sub.subMchid
        if let subAppid = body["sub_appid"]?.string {
            guard sub.subAppid == subAppid else {
                throw Fault(400, "APPID_MCHID_NOT_MATCH", "sub_appid和sub_mch_id不匹配，请检查后再试", number: 268_445_527)
            }
            parties.subAppid = subAppid
        }
        return parties
    }

    /// A merchant below the signer. Code and status of a stranger are not documented.
    func subMerchant(_ subMchid: String, of merchant: SandboxMerchant) throws(Fault) -> SandboxMerchant.SubMerchant {
        guard let sub = merchant.subMerchants.first(where: { $0.subMchid == subMchid }) else {
            throw Fault(403, "NO_AUTH", "服务商与子商户号\(subMchid)没有受理关系", number: 268_447_843)
        }
        return sub
    }

    /// The user that a JSAPI order names: by the signer's app or, with a service provider, by the sub-merchant's.
    func payer(in body: JSONValue, _ parties: Parties) throws(Fault) -> String {
        func known(_ name: String, _ appid: String) throws(Fault) -> String {
            let openid = body["payer"]?[name]?.string ?? ""
            guard user(openid)?.appid == appid else {
                throw .parameter(
                    "无效的openid", field: "/payer/\(name)", value: .string(openid), issue: "no user of this appid",
                    number: 268_501_013)
            }
            return openid
        }
        guard parties.subMchid != nil else { return try known("openid", parties.appid) }
        switch (body["payer"]?["sp_openid"], body["payer"]?["sub_openid"]) {
        case (.some, nil): return try known("sp_openid", parties.appid)
        case (nil, .some):
            guard let subAppid = parties.subAppid else {
                throw .parameter(
                    "传入sub_openid时，sub_appid为必填项", field: "/sub_appid", issue: "required with payer.sub_openid")
            }
            return try known("sub_openid", subAppid)
        default:
            throw .parameter(
                "sp_openid和sub_openid必须且只能传入其中之一", field: "/payer", issue: "exactly one of sp_openid and sub_openid")
        }
    }

    /// A user of the setup, or one that was added since.
    func user(_ openid: String) -> SandboxUser? { platform.user(openid) ?? state.users.first { $0.openid == openid } }

    /// The payer as an order's apps know them: `openid`, or `sp_openid` and `sub_openid`.
    func payerObject(of order: SandboxOrder) -> JSONValue? {
        guard order.openid != nil else { return nil }
        func seen(by appid: String) -> JSONValue? { .text(payer(of: order, in: appid)) }
        guard order.subMchid != nil else { return .record(("openid", seen(by: order.appid))) }
        return .record(("sp_openid", seen(by: order.appid)), ("sub_openid", order.subAppid.flatMap(seen)))
    }

    /// The payer's openid in an app.
    func payer(of order: SandboxOrder, in appid: String) -> String? {
        order.openid.map { user($0)?.openid(in: appid) ?? $0 }
    }

    /// What is said of the merchant: `appid` and `mchid`, or the four fields of a service provider's order.
    func partyFields(of order: SandboxOrder) -> [(String, JSONValue?)] {
        guard let subMchid = order.subMchid else { return [("appid", .string(order.appid)), ("mchid", .string(order.mchid))] }
        return [
            ("sp_appid", .string(order.appid)), ("sp_mchid", .string(order.mchid)), ("sub_appid", .text(order.subAppid)),
            ("sub_mchid", .string(subMchid)),
        ]
    }
}
