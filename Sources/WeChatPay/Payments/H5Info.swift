/// The page or app that sends a payer to WeChat (`h5_info`).
public struct H5Info: Hashable, Sendable, Encodable {
    /// What kind of place it is.
    public var type: Kind
    /// Its name, at most 64 bytes.
    public var appName: String?
    /// Its address, at most 128 bytes.
    public var appURL: String?
    /// The bundle id of an iOS app, at most 128 bytes.
    public var bundleID: String?
    /// The package name of an Android app, at most 128 bytes.
    public var packageName: String?

    /// A place out of its parts.
    public init(
        type: Kind, appName: String? = nil, appURL: String? = nil, bundleID: String? = nil, packageName: String? = nil
    ) {
        self.type = type
        self.appName = appName
        self.appURL = appURL
        self.bundleID = bundleID
        self.packageName = packageName
    }

    /// Where the payment begins. An open set.
    public struct Kind: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
        /// WeChat's word.
        public let rawValue: String

        /// Takes the word as it stands.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// A page in an iOS app.
        public static let iOS = Kind(rawValue: "iOS")
        /// A page in an Android app.
        public static let android = Kind(rawValue: "Android")
        /// A page in a browser.
        public static let wap = Kind(rawValue: "Wap")

        public var description: String { rawValue }
    }

    /// WeChat's names.
    enum CodingKeys: String, CodingKey {
        case type
        case appName = "app_name"
        case appURL = "app_url"
        case bundleID = "bundle_id"
        case packageName = "package_name"
    }

    func validate() throws(WeChatPayError) {
        try WeChatText.check(type.rawValue, "scene_info.h5_info.type", 1...32)
        try WeChatText.check(appName, "scene_info.h5_info.app_name", 1...64)
        try WeChatText.check(appURL, "scene_info.h5_info.app_url", 1...128)
        try WeChatText.check(bundleID, "scene_info.h5_info.bundle_id", 1...128)
        try WeChatText.check(packageName, "scene_info.h5_info.package_name", 1...128)
    }
}
