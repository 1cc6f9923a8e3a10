import PaymentPrimitives
import WeChatPay
import WeChatPayV2

extension Configuration {
    /// One merchant number and its keys.
    struct MerchantEntry: Sendable {
        /// The first part of every key in the database, and part of notification addresses. Default: the mchid.
        let id: String
        /// 商户号. Required.
        let mchid: String
        /// Default `merchant`.
        let role: Role
        /// Those for whom a service provider takes payments: at least one with the role `partner`, `nil` with the other.
        let subMerchants: [SubMerchant]?
        /// Without `/` at the end. Default https://api.mch.weixin.qq.com. Plain http is taken for this machine alone.
        let baseURL: String
        /// The channel of new payments. Default `v3`.
        let channel: Channel
        /// The apps that may pay, at least one.
        let apps: [App]
        /// The keys of API v3: there where the channel is `v3`, and where older payments went through it.
        let v3: V3Keys?
        /// The key of API v2: there where the channel is `v2`, and where older payments went through it.
        let v2: V2Keys?
        /// What is ours in a bill.
        let owns: Owns
    }

    /// What API v3 needs.
    struct V3Keys: Sendable, Equatable {
        /// The serial number of the merchant's API certificate, 40 hexadecimal digits in upper case. Required.
        let serialNo: String
        /// `apiclient_key.pem`, an RSA key of 2048 bits or more. Required.
        let privateKeyPEM: Secret
        /// APIv3 密钥, 32 bytes. Required.
        let apiV3Key: Secret
        /// `PUB_KEY_ID_…` of the WeChat Pay public key; `nil` where platform certificates are used.
        let publicKeyID: String?
        /// The WeChat Pay public key itself; there exactly when ``publicKeyID`` is.
        let publicKeyPEM: String?
    }

    /// What API v2 needs.
    struct V2Keys: Sendable, Equatable {
        /// API 密钥, 32 bytes. Required.
        let apiKey: Secret
        /// Default `MD5`, WeChat's own.
        let signType: V2SignType
        /// What `apiclient_cert.p12` holds, or PEM with certificate and key; without it there are no refunds, no reversals.
        let clientCertificate: Secret?
    }

    /// An app of a merchant.
    struct App: Sendable {
        let appid: String
        /// Needed for logins only.
        let appSecret: Secret?
    }

    enum Role: String, Sendable, CaseIterable {
        /// 直连商户.
        case merchant
        /// 服务商.
        case partner
    }

    /// 特约商户 of a service provider.
    struct SubMerchant: Sendable, Equatable {
        /// Required.
        let subMchid: String
        /// The sub-merchant's own app. Default: none, the service provider's is used.
        let subAppid: String?
    }

    enum Channel: String, Sendable, CaseIterable {
        case v3, v2
    }

    /// What this server created, of all that a bill of the merchant number holds; the rest is foreign.
    struct Owns: Sendable, Equatable {
        /// The beginning of our order numbers. Default: empty, all are ours.
        let prefix: String
        /// The first day; `nil` for all days.
        let since: BeijingDate?
    }
}

extension Configuration.MerchantEntry {
    enum Key: String, ConfigurationKey {
        case id, mchid, role, channel, apps, owns
        case baseURL = "base_url"
        case serialNo = "serial_no"
        case privateKeyFile = "private_key_file"
        case privateKeyVariable = "private_key_env"
        case apiV3KeyFile = "api_v3_key_file"
        case apiV3KeyVariable = "api_v3_key_env"
        case publicKeyID = "public_key_id"
        case publicKeyFile = "public_key_file"
        case apiV2KeyFile = "api_v2_key_file"
        case apiV2KeyVariable = "api_v2_key_env"
        case v2SignType = "v2_sign_type"
        case clientCertificateFile = "client_certificate_file"
        case subMerchants = "sub_merchants"

        /// Whoever writes one of them means to have the channel.
        static let ofV3: [Key] = [
            .serialNo, .privateKeyFile, .privateKeyVariable, .apiV3KeyFile, .apiV3KeyVariable, .publicKeyID, .publicKeyFile,
        ]
        static let ofV2: [Key] = [.apiV2KeyFile, .apiV2KeyVariable, .v2SignType, .clientCertificateFile]

        static let later: Set = ["cloud", "cashier"]
    }

    static func read(_ sections: [ConfigurationSection<Key>]) -> [Self] {
        let merchants = sections.map { Self($0) }
        ConfigurationSection.refuseTwins(sections, merchants.map(\.id), .id)
        // Two tenants on one number could both take a payment for theirs.
        ConfigurationSection.refuseTwins(sections, merchants.map(\.mchid), .mchid)
        return merchants
    }

    private init(_ section: ConfigurationSection<Key>) {
        mchid = section.required(.mchid, .characters(.digits, 1...32)) ?? ""
        id = section.has(.id) ? section.optional(.id, .characters(.identifier, 1...32)) ?? "" : mchid
        role = section.optional(.role, .choice()) ?? .merchant
        switch role {
        case .partner:
            subMerchants = Configuration.SubMerchant.read(
                section.sections(.subMerchants, as: Configuration.SubMerchant.Key.self, required: true))
        case .merchant:
            subMerchants = nil
            if section.has(.subMerchants) { section.report("is for the role partner alone", at: .subMerchants) }
        }
        baseURL = section.optional(.baseURL, .url(plainHTTP: false)) ?? "https://api.mch.weixin.qq.com"
        channel = section.optional(.channel, .choice(later: ["cloud", "cashier"])) ?? .v3
        apps = Configuration.App.read(section.sections(.apps, as: Configuration.App.Key.self, required: true))
        v3 = channel == .v3 || Key.ofV3.contains(where: section.has) ? Configuration.V3Keys(section) : nil
        v2 = channel == .v2 || Key.ofV2.contains(where: section.has) ? Configuration.V2Keys(section, mchid: mchid) : nil
        owns = Configuration.Owns(section.section(.owns, as: Configuration.Owns.Key.self))
    }
}

extension Configuration.App {
    enum Key: String, ConfigurationKey {
        case appid
        case appSecretFile = "app_secret_file"
        case appSecretVariable = "app_secret_env"
    }

    fileprivate static func read(_ sections: [ConfigurationSection<Key>]) -> [Self] {
        let apps = sections.map { section in
            Self(
                appid: section.required(.appid, .characters(.alphanumeric, 1...32)) ?? "",
                appSecret: section.secret(.appSecretFile, .appSecretVariable, required: false))
        }
        ConfigurationSection.refuseTwins(sections, apps.map(\.appid), .appid)
        return apps
    }
}

extension Configuration.SubMerchant {
    enum Key: String, ConfigurationKey {
        case subMchid = "sub_mchid"
        case subAppid = "sub_appid"
    }

    fileprivate static func read(_ sections: [ConfigurationSection<Key>]) -> [Self] {
        let subMerchants = sections.map { section in
            Self(
                subMchid: section.required(.subMchid, .characters(.digits, 1...32)) ?? "",
                subAppid: section.optional(.subAppid, .characters(.alphanumeric, 1...32)))
        }
        ConfigurationSection.refuseTwins(sections, subMerchants.map(\.subMchid), .subMchid)
        return subMerchants
    }
}

extension Configuration.Owns {
    enum Key: String, ConfigurationKey {
        case prefix, since
    }

    fileprivate init(_ section: ConfigurationSection<Key>?) {
        prefix = section?.optional(.prefix, .characters(.orderNumber, 0...31)) ?? ""
        since = section?.optional(.since, .date)
    }
}
