/// Who is paid, as a request says it: a merchant by two fields, a sub-merchant of a service provider by four.
enum Payee: Encodable {
    case direct(appid: String, mchid: String)
    case partner(spAppid: String, spMchid: String, subAppid: String?, subMchid: String)

    private enum CodingKeys: String, CodingKey {
        case appid, mchid
        case spAppid = "sp_appid"
        case spMchid = "sp_mchid"
        case subAppid = "sub_appid"
        case subMchid = "sub_mchid"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .direct(let appid, let mchid):
            try container.encode(appid, forKey: .appid)
            try container.encode(mchid, forKey: .mchid)
        case .partner(let spAppid, let spMchid, let subAppid, let subMchid):
            try container.encode(spAppid, forKey: .spAppid)
            try container.encode(spMchid, forKey: .spMchid)
            try container.encodeIfPresent(subAppid, forKey: .subAppid)
            try container.encode(subMchid, forKey: .subMchid)
        }
    }

    func validate() throws(WeChatPayError) {
        switch self {
        case .direct(let appid, _):
            try WeChatText.check(appid, "appid", 1...32)
        case .partner(let spAppid, _, let subAppid, let subMchid):
            try WeChatText.check(spAppid, "sp_appid", 1...32)
            try WeChatText.check(subAppid, "sub_appid", 1...32)
            try WeChatText.checkMchid(subMchid, "sub_mchid")
        }
    }

    /// Whether an answer names it; what an answer leaves out is no contradiction.
    func isPaid(mchid: String?, subMchid: String?) -> Bool {
        switch self {
        case .direct(_, let own): mchid ?? own == own
        case .partner(_, let own, _, let sub): mchid ?? own == own && subMchid ?? sub == sub
        }
    }
}
