import PaymentPrimitives
import PaymentServer
import Payments
import Synchronization

/// What of the configuration may change while the server runs: merchants with their keys, and the clients of `/v1`.
///
/// They change together, at one moment. Requests and jobs take a snapshot, so none of them sees half of each.
final class LiveConfiguration: MerchantDirectory {
    private struct State {
        var configuration: Configuration
        var merchants: ConfiguredMerchants
        var clients: [PaymentServer.APIClient]
        var webhooks: [WebhookEndpoint]
    }

    /// Rings when merchants have come or gone.
    let changed = Signal()
    /// Rings when clients' webhooks have come or gone.
    let webhooksChanged = Signal()
    private let tools: ConfiguredMerchants.Tools
    private let state: Mutex<State>

    /// - Throws: ``WeChatPayError`` when a key cannot be used.
    init(_ configuration: Configuration, _ tools: ConfiguredMerchants.Tools) throws {
        self.tools = tools
        state = Mutex(
            State(
                configuration: configuration,
                merchants: try ConfiguredMerchants(configuration, publicURL: configuration.server.publicURL, tools),
                clients: configuration.apiClients, webhooks: configuration.webhookEndpoints))
    }

    func snapshot() -> [String: MerchantContext] { state.withLock { $0.merchants.contexts } }

    var clients: [PaymentServer.APIClient] { state.withLock { $0.clients } }

    var webhookEndpoints: [WebhookEndpoint] { state.withLock { $0.webhooks } }

    /// What a new configuration changed.
    struct Change: Sendable {
        let merchants: Int
        let added: [String]
        let removed: [String]
        /// What it would change, but only a restart can, a line each.
        let needsRestart: [String]
    }

    /// Puts a configuration in the old one's place. Only one caller may do so at a time.
    ///
    /// - Throws: when the new one cannot be used beside what keeps running; then nothing has changed.
    func replace(with new: Configuration) throws -> Change {
        let (old, merchants) = state.withLock { ($0.configuration, $0.merchants) }
        if let shop = old.shop, !new.merchants.contains(where: { $0.id == shop.merchant }) {
            throw CommandFailure(
                "merchants: \(shop.merchant) is missing, but the running shop sells for it; restart to end the shop")
        }
        if let shop = old.shop, new.merchants.contains(where: { $0.id == shop.merchant && $0.role == .partner }) {
            throw CommandFailure(
                "merchants: \(shop.merchant) is a service provider now, but the running shop sells for it; restart to end the shop"
            )
        }
        for entry in new.merchants {
            guard let known = old.merchants.first(where: { $0.id == entry.id }), known.mchid != entry.mchid else { continue }
            throw CommandFailure(
                "merchants: \(entry.id) has another mchid; its payments would be asked for at a stranger's, so give it another id"
            )
        }
        // Addresses of notifications follow the server that runs, not the one that a restart would bring.
        let next = try ConfiguredMerchants(new, publicURL: old.server.publicURL, tools, keeping: merchants)
        let (clients, webhooks) = (new.apiClients, new.webhookEndpoints)
        state.withLock {
            $0.merchants = next
            $0.clients = clients
            $0.webhooks = webhooks
            $0.configuration = old.taking(new)
        }
        changed.notify()
        webhooksChanged.notify()
        let (before, after) = (Set(merchants.contexts.keys), Set(next.contexts.keys))
        return Change(
            merchants: after.count, added: after.subtracting(before).sorted(), removed: before.subtracting(after).sorted(),
            needsRestart: old.needsRestart(for: new))
    }
}

extension Configuration {
    /// This one, which runs, with what may change taken from a new one.
    fileprivate func taking(_ new: Configuration) -> Configuration {
        Configuration(
            server: server, database: database, merchants: new.merchants, policies: new.policies, clients: new.clients,
            shop: shop, warnings: new.warnings)
    }

    /// What differs in a new one and cannot change while the server runs.
    fileprivate func needsRestart(for new: Configuration) -> [String] {
        var names: [String] = []
        func compare<Value: Equatable>(_ name: String, _ value: KeyPath<Configuration, Value>) {
            if self[keyPath: value] != new[keyPath: value] { names.append(name) }
        }
        compare("server.host", \.server.host)
        compare("server.port", \.server.port)
        compare("server.public_url", \.server.publicURL)
        compare("server.admin_host", \.server.adminHost)
        compare("server.admin_port", \.server.adminPort)
        compare("server.trusted_proxies", \.server.trustedProxies)
        compare("database", \.database)
        compare("shop.merchant", \.shop?.merchant)
        compare("shop.appid", \.shop?.appid)
        compare("shop.till", \.shop?.till)
        compare("shop.catalogue_file", \.shop?.catalogue)
        if let shop {
            let (old, fresh) = (app(of: shop), new.app(of: shop))
            if old.secret != fresh.secret { names.append("the shop's app_secret_file") }
            if old.baseURL != fresh.baseURL { names.append("the base_url of the shop's merchant, for logins") }
            if policies.orderTTL != new.policies.orderTTL {
                names.append("policies.order_ttl, for orders of the shop that were never tried to pay,")
            }
        }
        return names.map { "\($0) has changed; it takes effect when the server is restarted" }
    }

    private func app(of shop: Shop) -> (secret: Secret?, baseURL: String?) {
        let merchant = merchants.first { $0.id == shop.merchant }
        return (merchant?.apps.first { $0.appid == shop.appid }?.appSecret, merchant?.baseURL)
    }
}
