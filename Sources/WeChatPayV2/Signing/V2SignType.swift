/// How API v2 signs (`sign_type`): one algorithm for a merchant, in both directions.
public enum V2SignType: String, Hashable, Sendable, Codable, CaseIterable, CustomStringConvertible {
    /// WeChat's default, and what an absent `sign_type` means.
    case md5 = "MD5"
    /// The stronger one.
    case hmacSHA256 = "HMAC-SHA256"

    public var description: String { rawValue }
}
