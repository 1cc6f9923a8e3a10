extension Configuration {
    /// Where this server listens and how it is reached.
    struct Server: Sendable {
        /// The address on which payments, notifications and the shop are served. Default 127.0.0.1.
        let host: String
        /// 0 picks a free one. Default 8080.
        let port: Int
        /// What the world calls this server, without `/` at the end: notification addresses begin with it. Required.
        let publicURL: String
        /// The address of `/readyz` and `/metrics`. Default 127.0.0.1.
        let adminHost: String
        /// 0 picks a free one. Default 9090.
        let adminPort: Int
        /// Addresses and networks whose `X-Forwarded-For` is believed. Default none.
        let trustedProxies: [String]
    }
}

extension Configuration.Server {
    enum Key: String, ConfigurationKey {
        case host, port
        case publicURL = "public_url"
        case adminHost = "admin_host"
        case adminPort = "admin_port"
        case trustedProxies = "trusted_proxies"

        static let overridable = Set(allCases)
    }

    init(_ section: ConfigurationSection<Key>?) {
        host = section?.optional(.host, .host) ?? "127.0.0.1"
        port = Int(section?.optional(.port, .wholeNumber(0...65_535)) ?? 8080)
        publicURL = section?.required(.publicURL, .url(plainHTTP: true)) ?? ""
        adminHost = section?.optional(.adminHost, .host) ?? "127.0.0.1"
        adminPort = Int(section?.optional(.adminPort, .wholeNumber(0...65_535)) ?? 9090)
        trustedProxies = section?.list(.trustedProxies, .network)?.map(\.value) ?? []

        if port == adminPort, port != 0, host == adminHost {
            section?.report("must not be the same as server.port", at: .adminPort)
        }
        let isPlain = publicURL.lowercased().hasPrefix("http:")
        if let section, isPlain, !ConfigurationFormat<String>.isLoopback(urlHost: publicURL) {
            section.loader.warn(
                "server.public_url is not https: WeChat sends no notifications there", at: section.place(of: .publicURL))
        }
    }
}
