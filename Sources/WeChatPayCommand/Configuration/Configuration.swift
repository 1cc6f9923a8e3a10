import PaymentPrimitives

/// The configuration of `wechatpay serve`: read once, checked as a whole, never changed.
///
/// Its keys, their defaults and their rules stand beside each section, in `Configuration+….swift`.
struct Configuration: Sendable {
    /// Where this server listens and how it is reached.
    let server: Server
    /// `sqlite:///absolute/path`, or `sqlite::memory:`.
    let database: String
    /// At least one, with different ids.
    let merchants: [MerchantEntry]
    /// What is decided for the shop where it could be decided otherwise.
    let policies: Policies
    /// Who may use `/v1`, with different names and keys.
    let clients: [APIClient]
    /// The reference shop; `/shop` exists only if this does.
    let shop: Shop?
    /// What was let pass but should be looked at, a line each.
    let warnings: [String]
}

extension Configuration {
    /// The keys at the top.
    enum Key: String, ConfigurationKey {
        case server, database, merchants, policies, clients, shop
        case allowsReadableKeyFiles = "allow_readable_key_files"

        static let later: Set = ["alerts"]
        static let overridable: Set<Key> = [.database]
    }

    /// Reads and checks a configuration and all files that it names.
    ///
    /// The environment overrides `database` (`WECHATPAY_DATABASE`) and every key of `server`
    /// (`WECHATPAY_SERVER_PUBLIC_URL`, `WECHATPAY_SERVER_PORT`, …; `WECHATPAY_SERVER_TRUSTED_PROXIES` is a list with
    /// commas), and nothing else. Relative paths start at the directory of the file at `path`.
    ///
    /// - Throws: ``ConfigurationErrors`` with everything that is wrong, never with a secret.
    static func load(path: String, environment: [String: String]) throws(ConfigurationErrors) -> Configuration {
        let loader = ConfigurationLoader(file: path, environment: environment)
        let start = ConfigurationPlace.file(path, line: 1, column: 1)
        var configuration: Configuration?
        do throws(ConfigurationComplaint) {
            let bytes = try loader.read(path, limit: ConfigurationLoader.yamlLimit).bytes
            do throws(ConfigurationProblem) {
                let root = try ConfigurationYAML.node(bytes, file: path)
                let section = ConfigurationSection<Key>(root, path: "", file: path, loader: loader)
                configuration = section.map(Configuration.init(_:))
            } catch {
                loader.report(error)
            }
        } catch {
            loader.report("the configuration file \(error.text)", at: start)
        }
        try loader.throwProblems()
        guard let configuration else {
            throw ConfigurationErrors(problems: [ConfigurationProblem(place: start, message: "the file cannot be used")])
        }
        return configuration
    }

    private init(_ section: ConfigurationSection<Key>) {
        let loader = section.loader
        loader.allowsReadableKeyFiles = section.optional(.allowsReadableKeyFiles, .boolean) ?? false
        server = Server(
            section.has(.server)
                ? section.section(.server, as: Server.Key.self)
                // The environment may give what the file leaves out.
                : ConfigurationSection(path: "server", file: section.file, place: section.place, loader: loader))
        database = section.required(.database, .database(loader)) ?? ""
        let merchants = MerchantEntry.read(section.sections(.merchants, as: MerchantEntry.Key.self, required: true))
        policies = Policies(section.section(.policies, as: Policies.Key.self))
        clients = APIClient.read(section.sections(.clients, as: APIClient.Key.self), merchants: merchants)
        shop = section.section(.shop, as: Shop.Key.self).map { Shop($0, merchants: merchants) }
        self.merchants = merchants
        warnings = loader.warnings
    }
}
