import PaymentPrimitives

extension Configuration {
    /// A system of the merchant's own that may use `/v1`.
    struct APIClient: Sendable {
        /// Required.
        let name: String
        /// The ids of the merchants that it reaches; all others are not found for it. Required, at least one.
        let merchants: [String]
        /// What it sends as `Authorization: Bearer`: 32 characters or more. Required.
        let apiKey: Secret
    }
}

extension Configuration.APIClient {
    enum Key: String, ConfigurationKey {
        case name, merchants
        case apiKeyFile = "api_key_file"
        case apiKeyVariable = "api_key_env"

        static let later: Set = ["webhook_url", "webhook_secret_file", "webhook_secret_env"]
    }

    static func read(
        _ sections: [ConfigurationSection<Key>], merchants: [Configuration.MerchantEntry]
    ) -> [Self] {
        let clients = sections.map { Self($0, merchants: Configuration.ids(merchants)) }
        ConfigurationSection.refuseTwins(sections, clients.map(\.name), .name)
        for index in clients.indices where clients[index].apiKey.count > 0 {
            if let twin = clients[..<index].firstIndex(where: { $0.apiKey == clients[index].apiKey }) {
                let key = sections[index].has(.apiKeyFile) ? Key.apiKeyFile : .apiKeyVariable
                sections[index].report("gives the same key as \(sections[twin].path)", at: key)
            }
        }
        return clients
    }

    private init(_ section: ConfigurationSection<Key>, merchants known: Set<String>?) {
        name = section.required(.name, .characters(.identifier, 1...32)) ?? ""
        if !section.has(.merchants) { section.loader.report("\(section.name(.merchants)) is missing", at: section.place) }
        let listed = section.list(.merchants, .characters(.identifier, 1...32))
        if listed?.isEmpty == true { section.report("must not be empty", at: .merchants) }
        for (id, source) in listed ?? [] where known?.contains(id) == false {
            section.loader.report(
                "\(source.name): there is no merchant with the id \(ConfigurationName.quoted(value: id))", at: source.place)
        }
        merchants = listed?.map(\.value) ?? []
        apiKey =
            section.secret(.apiKeyFile, .apiKeyVariable) { key throws(ConfigurationComplaint) in
                let isVisible = key.withBytes { $0.allSatisfy { (0x21...0x7E).contains($0) } }
                guard key.count >= 32, isVisible else {
                    throw ConfigurationComplaint("must hold 32 or more visible ASCII characters without spaces")
                }
            } ?? Secret("")
    }
}

extension Configuration {
    /// The ids that a reference may name; `nil` when some merchant has none, so that nothing can be said.
    static func ids(_ merchants: [MerchantEntry]) -> Set<String>? {
        let ids = Set(merchants.map(\.id))
        return ids.isEmpty || ids.contains("") ? nil : ids
    }
}
