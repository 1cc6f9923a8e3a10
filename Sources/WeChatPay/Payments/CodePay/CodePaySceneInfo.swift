/// Where a payer's code is scanned (`scene_info` of code pay).
public struct CodePaySceneInfo: Hashable, Sendable, Encodable {
    /// The shop.
    public var store: Store
    /// The merchant's device or till, at most 32 bytes.
    public var deviceID: String?
    /// The IP address of the device, v4 or v6, at most 45 bytes.
    public var deviceIP: String?

    /// A scene out of its parts.
    public init(store: Store, deviceID: String? = nil, deviceIP: String? = nil) {
        self.store = store
        self.deviceID = deviceID
        self.deviceIP = deviceIP
    }

    /// A shop, by one of its two numbers (`store_info`), 1–32 bytes.
    public enum Store: Hashable, Sendable, Encodable {
        /// WeChat's number of the shop.
        case id(String)
        /// The merchant's own number of the shop.
        case outID(String)

        var field: (name: String, number: String) {
            switch self {
            case .id(let number): ("id", number)
            case .outID(let number): ("out_id", number)
            }
        }

        /// Writes WeChat's JSON.
        public func encode(to encoder: any Encoder) throws { try [field.name: field.number].encode(to: encoder) }
    }

    /// WeChat's names.
    enum CodingKeys: String, CodingKey {
        case store = "store_info"
        case deviceID = "device_id"
        case deviceIP = "device_ip"
    }

    func validate() throws(WeChatPayError) {
        try WeChatText.check(store.field.number, "scene_info.store_info.\(store.field.name)", 1...32)
        try WeChatText.check(deviceID, "scene_info.device_id", 1...32)
        try WeChatText.check(deviceIP, "scene_info.device_ip", 1...45)
    }
}
