import Foundation
import PaymentPrimitives
import PaymentServer

extension Configuration.Webhook {
    typealias Key = Configuration.APIClient.Key

    /// Nil when the client has none, or it cannot be used, which has been reported then.
    init?(_ section: ConfigurationSection<Key>) {
        let isAllowed = section.optional(.webhookAllowPrivate, .boolean) ?? false
        let key = Self.key(section, .webhookSecretFile, .webhookSecretVariable, required: section.has(.webhookURL))
        let previous = Self.key(section, .webhookPreviousSecretFile, .webhookPreviousSecretVariable, required: false)
        guard section.has(.webhookURL) else {
            let others: [Key] = [
                .webhookSecretFile, .webhookSecretVariable, .webhookPreviousSecretFile, .webhookPreviousSecretVariable,
                .webhookAllowPrivate,
            ]
            for other in others where section.has(other) {
                section.report("is there, but webhook_url is missing", at: other)
            }
            return nil
        }
        guard let url = section.optional(.webhookURL, .webhookURL(allowingPrivate: isAllowed)), let key else { return nil }
        if key == previous {
            let place: Key =
                section.has(.webhookPreviousSecretFile) ? .webhookPreviousSecretFile : .webhookPreviousSecretVariable
            section.report("gives the same secret as webhook_secret; it is for the one before", at: place)
        }
        self.init(url: url, keys: [key] + (previous.map { [$0] } ?? []), allowsPrivateAddresses: isAllowed)
    }

    private static func key(
        _ section: ConfigurationSection<Key>, _ file: Key, _ variable: Key, required: Bool
    ) -> Secret? {
        section.secret(file, variable, required: required) { secret throws(ConfigurationComplaint) in
            guard WebhookSignature.key(of: secret) != nil else {
                throw ConfigurationComplaint("must hold whsec_ and 24 to 64 random bytes in Base64")
            }
        }.flatMap(WebhookSignature.key(of:))
    }
}

extension ConfigurationFormat where Value == String {
    /// Where a webhook is sent: https, or http to this machine where that is allowed. Its path stays as it is written, and
    /// it may have a query.
    static func webhookURL(allowingPrivate: Bool) -> Self {
        Self { text throws(ConfigurationComplaint) in
            // Never quoted: the query may be a secret.
            guard text.unicodeScalars.allSatisfy(ConfigurationCharacters.visible.contains), !text.contains("\\"),
                let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
                ["http", "https"].contains(scheme), let host = parts.host, isHost(host),
                parts.port.map({ (1...65_535).contains($0) }) ?? true
            else { throw ConfigurationComplaint("must be an absolute URL such as https://erp.example.com/hook") }
            guard parts.user == nil, parts.password == nil, parts.fragment == nil else {
                throw ConfigurationComplaint("must be a URL without user, password and fragment")
            }
            guard scheme == "https" || (allowingPrivate && isLoopback(urlHost: text)) else {
                throw ConfigurationComplaint(
                    "must begin with https:// (http:// is for this machine alone, with webhook_allow_private: true)")
            }
            let literal = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
            guard allowingPrivate || (WebhookAddress.isPublic(literal) ?? !isLoopback(urlHost: text)) else {
                throw ConfigurationComplaint(
                    "leads to this machine or its network; set webhook_allow_private: true if that is meant")
            }
            return text
        }
    }

    /// A name or an address without anything that two readers of URLs may read differently.
    private static func isHost(_ host: String) -> Bool {
        !host.isEmpty
            && host.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || "-._:[]".utf8.contains($0)
            }
    }
}
