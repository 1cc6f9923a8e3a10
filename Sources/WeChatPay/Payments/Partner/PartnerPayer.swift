/// Who pays a sub-merchant. Its description shows the beginning of the openid only.
public enum PartnerPayer: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// The payer under the service provider's `sp_appid`, 1–128 bytes.
    case sp(openid: String)
    /// The payer under the sub-merchant's `sub_appid`, which the request must then have; 1–128 bytes.
    case sub(openid: String)

    public var description: String {
        switch self {
        case .sp(let openid): "PartnerPayer.sp(\(abbreviated(openid)))"
        case .sub(let openid): "PartnerPayer.sub(\(abbreviated(openid)))"
        }
    }

    public var customMirror: Mirror { Mirror(self, children: []) }
}
