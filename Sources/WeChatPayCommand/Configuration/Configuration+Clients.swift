import PaymentPrimitives

extension Configuration {
    /// A system of the merchant's own that may use `/v1`.
    struct APIClient: Sendable {
        /// Required.
        let name: String
        /// The ids of the merchants that it reaches; all others are not found for it. Required, at least one.
        let merchants: [String]
        /// Of the service providers among them, the sub-merchants that it reaches. Default: all.
        let subMerchants: [String]?
        /// What it sends as `Authorization: Bearer`: 32 characters or more. Required.
        let apiKey: Secret
        /// Where it is told of events. Default: nowhere.
        let webhook: Webhook?
    }

    /// Where a client is told of events, and how it knows that they are ours.
    struct Webhook: Sendable, Equatable {
        /// https; http only to this machine. May have a query.
        let url: String
        /// Keys of 24 to 64 bytes, the newest first: `webhook_secret_file` or `_env` (required with a URL), and while the
        /// receiver moves from an old one to a new one, `webhook_previous_secret_file` or `_env`.
        let keys: [Secret]
        /// Whether the URL may lead to this machine or its network. Default false.
        let allowsPrivateAddresses: Bool
    }
}

extension Configuration.APIClient {
    enum Key: String, ConfigurationKey {
        case name, merchants
        case subMerchants = "sub_merchants"
        case apiKeyFile = "api_key_file"
        case apiKeyVariable = "api_key_env"
        case webhookURL = "webhook_url"
        case webhookSecretFile = "webhook_secret_file"
        case webhookSecretVariable = "webhook_secret_env"
        case webhookPreviousSecretFile = "webhook_previous_secret_file"
        case webhookPreviousSecretVariable = "webhook_previous_secret_env"
        case webhookAllowPrivate = "webhook_allow_private"
    }

    static func read(
        _ sections: [ConfigurationSection<Key>], merchants: [Configuration.MerchantEntry]
    ) -> [Self] {
        let clients = sections.map { Self($0, merchants: merchants) }
        ConfigurationSection.refuseTwins(sections, clients.map(\.name), .name)
        for index in clients.indices where clients[index].apiKey.count > 0 {
            if let twin = clients[..<index].firstIndex(where: { $0.apiKey == clients[index].apiKey }) {
                let key = sections[index].has(.apiKeyFile) ? Key.apiKeyFile : .apiKeyVariable
                sections[index].report("gives the same key as \(sections[twin].path)", at: key)
            }
        }
        return clients
    }

    private init(_ section: ConfigurationSection<Key>, merchants all: [Configuration.MerchantEntry]) {
        let known = Configuration.ids(all)
        name = section.required(.name, .characters(.identifier, 1...32)) ?? ""
        if !section.has(.merchants) { section.loader.report("\(section.name(.merchants)) is missing", at: section.place) }
        let listed = section.list(.merchants, .characters(.identifier, 1...32))
        if listed?.isEmpty == true { section.report("must not be empty", at: .merchants) }
        for (id, source) in listed ?? [] where known?.contains(id) == false {
            section.loader.report(
                "\(source.name): there is no merchant with the id \(ConfigurationName.quoted(value: id))", at: source.place)
        }
        merchants = listed?.map(\.value) ?? []
        subMerchants = Self.subMerchants(section, of: all.filter { [merchants] entry in merchants.contains(entry.id) })
        apiKey =
            section.secret(.apiKeyFile, .apiKeyVariable) { key throws(ConfigurationComplaint) in
                let isVisible = key.withBytes { $0.allSatisfy { (0x21...0x7E).contains($0) } }
                guard key.count >= 32, isVisible else {
                    throw ConfigurationComplaint("must hold 32 or more visible ASCII characters without spaces")
                }
            } ?? Secret("")
        webhook = Configuration.Webhook(section)
    }
}

extension Configuration.APIClient {
    private static func subMerchants(
        _ section: ConfigurationSection<Key>, of merchants: [Configuration.MerchantEntry]
    ) -> [String]? {
        guard let listed = section.list(.subMerchants, .characters(.digits, 1...32)) else { return nil }
        // An empty list would shut out everybody, which nobody means.
        if listed.isEmpty { section.report("must not be empty", at: .subMerchants) }
        let known = Set(merchants.flatMap { $0.subMerchants ?? [] }.map(\.subMchid))
        for (number, source) in listed where !known.contains(number) {
            section.loader.report("\(source.name) is no sub-merchant of this client's merchants", at: source.place)
        }
        return listed.map(\.value)
    }
}

extension Configuration {
    /// The ids that a reference may name; `nil` when some merchant has none, so that nothing can be said.
    static func ids(_ merchants: [MerchantEntry]) -> Set<String>? {
        let ids = Set(merchants.map(\.id))
        return ids.isEmpty || ids.contains("") ? nil : ids
    }
}
