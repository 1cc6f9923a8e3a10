/// Where the payment happens (`scene_info`).
public struct SceneInfo: Hashable, Sendable, Encodable {
    /// The payer's IP address, v4 or v6, at most 45 bytes.
    public var payerClientIP: String
    /// The merchant's device or till, at most 32 bytes.
    public var deviceID: String?
    /// The merchant's shop.
    public var storeInfo: StoreInfo?

    /// A scene out of its parts.
    public init(payerClientIP: String, deviceID: String? = nil, storeInfo: StoreInfo? = nil) {
        self.payerClientIP = payerClientIP
        self.deviceID = deviceID
        self.storeInfo = storeInfo
    }

    /// WeChat's names.
    enum CodingKeys: String, CodingKey {
        case payerClientIP = "payer_client_ip"
        case deviceID = "device_id"
        case storeInfo = "store_info"
    }

    func validate() throws(WeChatPayError) {
        try WeChatText.check(payerClientIP, "scene_info.payer_client_ip", 1...45)
        try WeChatText.check(deviceID, "scene_info.device_id", 1...32)
        try storeInfo?.validate()
    }
}

/// A shop of the merchant.
public struct StoreInfo: Hashable, Sendable, Encodable {
    /// The merchant's number of the shop, 1–32 bytes.
    public var id: String
    /// Its name, at most 256 bytes.
    public var name: String?
    /// The code of its district, at most 32 bytes.
    public var areaCode: String?
    /// Its address, at most 512 bytes.
    public var address: String?

    /// A shop out of its parts.
    public init(id: String, name: String? = nil, areaCode: String? = nil, address: String? = nil) {
        self.id = id
        self.name = name
        self.areaCode = areaCode
        self.address = address
    }

    /// WeChat's names.
    enum CodingKeys: String, CodingKey {
        case id, name, address
        case areaCode = "area_code"
    }

    func validate() throws(WeChatPayError) {
        try WeChatText.check(id, "scene_info.store_info.id", 1...32)
        try WeChatText.check(name, "scene_info.store_info.name", 1...256)
        try WeChatText.check(areaCode, "scene_info.store_info.area_code", 1...32)
        try WeChatText.check(address, "scene_info.store_info.address", 1...512)
    }
}
