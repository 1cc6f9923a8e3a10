extension PaymentOptions {
    /// Where the payer pays.
    package struct Scene: Sendable, Equatable, Codable {
        /// The payer's IP address, v4 or v6.
        package var payerClientIP: String?
        /// The merchant's device or till.
        package var deviceID: String?
        /// The IP address of the merchant's device; for `codepay`.
        package var deviceIP: String?
        package var storeInfo: Store?
        /// The page or app in which the payer is; for `h5`.
        package var h5Info: H5?

        package init() {}

        enum CodingKeys: String, CodingKey, CaseIterable {
            case payerClientIP = "payer_client_ip"
            case deviceID = "device_id"
            case deviceIP = "device_ip"
            case storeInfo = "store_info"
            case h5Info = "h5_info"
        }

        package init(from decoder: any Decoder) throws {
            try decoder.refuseFields(otherThan: CodingKeys.self)
            let container = try decoder.container(keyedBy: CodingKeys.self)
            payerClientIP = try container.decodeIfPresent(String.self, forKey: .payerClientIP)
            deviceID = try container.decodeIfPresent(String.self, forKey: .deviceID)
            deviceIP = try container.decodeIfPresent(String.self, forKey: .deviceIP)
            storeInfo = try container.decodeIfPresent(Store.self, forKey: .storeInfo)
            h5Info = try container.decodeIfPresent(H5.self, forKey: .h5Info)
        }
    }

    /// A shop of the merchant.
    package struct Store: Sendable, Equatable, Codable {
        /// The merchant's own number of the shop.
        package var id: String
        package var name: String?
        /// The code of its district.
        package var areaCode: String?
        package var address: String?

        package init(id: String, name: String? = nil, areaCode: String? = nil, address: String? = nil) {
            self.id = id
            self.name = name
            self.areaCode = areaCode
            self.address = address
        }

        enum CodingKeys: String, CodingKey, CaseIterable {
            case id, name, address
            case areaCode = "area_code"
        }

        package init(from decoder: any Decoder) throws {
            try decoder.refuseFields(otherThan: CodingKeys.self)
            let container = try decoder.container(keyedBy: CodingKeys.self)
            id = try container.decode(String.self, forKey: .id)
            name = try container.decodeIfPresent(String.self, forKey: .name)
            areaCode = try container.decodeIfPresent(String.self, forKey: .areaCode)
            address = try container.decodeIfPresent(String.self, forKey: .address)
        }
    }

    /// The page or app outside of WeChat in which the payer is.
    package struct H5: Sendable, Equatable, Codable {
        /// `iOS`, `Android` or `Wap`.
        package var type: String
        package var appName: String?
        package var appURL: String?

        package init(type: String, appName: String? = nil, appURL: String? = nil) {
            self.type = type
            self.appName = appName
            self.appURL = appURL
        }

        enum CodingKeys: String, CodingKey, CaseIterable {
            case type
            case appName = "app_name"
            case appURL = "app_url"
        }

        package init(from decoder: any Decoder) throws {
            try decoder.refuseFields(otherThan: CodingKeys.self)
            let container = try decoder.container(keyedBy: CodingKeys.self)
            type = try container.decode(String.self, forKey: .type)
            appName = try container.decodeIfPresent(String.self, forKey: .appName)
            appURL = try container.decodeIfPresent(String.self, forKey: .appURL)
        }
    }
}
