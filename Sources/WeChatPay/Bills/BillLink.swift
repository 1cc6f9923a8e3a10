/// Where a day's bill lies, and its digest: what 《申请交易账单》 and 《申请资金账单》 answer.
///
/// The address holds a token and lives for five minutes; the description does not show it.
public struct BillLink: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
    /// The kind of digest: `SHA1`.
    public let hashType: String
    /// The digest of the bill as it is before compression, hexadecimal.
    public let hashValue: String
    /// The address; it is read with ``Bills/download(_:limit:timeout:)``.
    public let downloadURL: String

    /// A link out of its parts.
    public init(hashType: String = "SHA1", hashValue: String, downloadURL: String) {
        self.hashType = hashType
        self.hashValue = hashValue
        self.downloadURL = downloadURL
    }

    public var description: String { "BillLink(\(hashType) \(hashValue))" }
    public var customMirror: Mirror { Mirror(self, children: ["hashType": hashType, "hashValue": hashValue]) }
}

extension BillLink: Decodable {
    enum CodingKeys: String, CodingKey {
        case hashType = "hash_type"
        case hashValue = "hash_value"
        case downloadURL = "download_url"
    }
}
