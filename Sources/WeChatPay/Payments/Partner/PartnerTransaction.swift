/// A sub-merchant's order as WeChat sees it: the answer to a service provider's query and the content of its
/// `TRANSACTION.SUCCESS`.
///
/// Only what WeChat always sends is demanded. Empty texts are absent ones, unknown fields are ignored.
@dynamicMemberLookup
public struct PartnerTransaction: Hashable, Sendable {
    /// The service provider's app id.
    public let spAppid: String?
    /// The service provider's number.
    public let spMchid: String
    /// The sub-merchant's app id, where the order has one.
    public let subAppid: String?
    /// The sub-merchant's number.
    public let subMchid: String
    /// Who paid.
    public let payer: Payer?
    /// How it stands with the order.
    public let trade: Trade

    /// A member of ``trade``.
    public subscript<Value>(dynamicMember member: KeyPath<Trade, Value>) -> Value { trade[keyPath: member] }

    /// Reads WeChat's JSON, strictly.
    ///
    /// - Throws: ``WeChatPayError`` with code `malformed`.
    public init(json: [UInt8]) throws(WeChatPayError) {
        self = try decodeStrictly(PartnerTransaction.self, json, "the order").get()
    }

    /// Who paid. Its description shows the beginnings of the openids only.
    public struct Payer: Hashable, Sendable, Decodable, CustomStringConvertible, CustomReflectable {
        /// The payer under the service provider's app id.
        public let spOpenID: String?
        /// The payer under the sub-merchant's app id.
        public let subOpenID: String?

        /// WeChat's names.
        enum CodingKeys: String, CodingKey {
            case spOpenID = "sp_openid"
            case subOpenID = "sub_openid"
        }

        /// Reads WeChat's `payer`.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            spOpenID = try container.text(.spOpenID)
            subOpenID = try container.text(.subOpenID)
        }

        public var description: String {
            "Payer(\(spOpenID.map(abbreviated) ?? "nil"), \(subOpenID.map(abbreviated) ?? "nil"))"
        }
        public var customMirror: Mirror { Mirror(self, children: []) }
    }
}

extension PartnerTransaction: Decodable {
    private enum CodingKeys: String, CodingKey {
        case payer
        case spAppid = "sp_appid"
        case spMchid = "sp_mchid"
        case subAppid = "sub_appid"
        case subMchid = "sub_mchid"
    }

    /// Reads WeChat's order object; see ``init(json:)`` for bytes from outside.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        spMchid = try container.requiredText(.spMchid)
        subMchid = try container.requiredText(.subMchid)
        spAppid = try container.text(.spAppid)
        subAppid = try container.text(.subAppid)
        payer = try container.decodeIfPresent(Payer.self, forKey: .payer)
        trade = try Trade(from: decoder)
    }
}
