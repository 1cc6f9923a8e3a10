import Foundation

/// An address for notifications.
struct NotifyURL {
    let isSecure: Bool
    let host: Host
    let hasQuery: Bool

    /// `nil` when the text is not an absolute http or https URL with a path.
    init?(_ text: String) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            scheme == "https" || scheme == "http", let host = parts.host, !host.isEmpty, parts.user == nil,
            parts.path.hasPrefix("/")
        else { return nil }
        isSecure = scheme == "https"
        self.host = Host(host)
        hasQuery = parts.query != nil || parts.fragment != nil
    }

    /// A host name or address.
    struct Host {
        private let name: String

        /// Takes a host with or without the brackets of IPv6.
        init(_ text: String) {
            name = text.lowercased().trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        }

        private var numbers: [UInt8]? {
            let parts = name.split(separator: ".", omittingEmptySubsequences: false)
            let numbers = parts.compactMap { UInt8($0) }
            return parts.count == 4 && numbers.count == 4 ? numbers : nil
        }

        /// Whether it is this machine: `localhost`, 127.0.0.0/8, `::1`.
        var isLoopback: Bool {
            name == "localhost" || name == "::1" || numbers?.first == 127
                || (name.hasPrefix("::ffff:") && Host(String(name.dropFirst(7))).numbers?.first == 127)
        }

        /// Whether WeChat could reach it, as far as the text tells.
        var isPublic: Bool {
            if isLoopback { return false }
            if let numbers {
                switch (numbers[0], numbers[1]) {
                case (0, _), (10, _), (192, 168), (169, 254), (172, 16...31), (100, 64...127), (224..., _): return false
                default: return true
                }
            }
            if name.contains(":") { return !(name.hasPrefix("fc") || name.hasPrefix("fd") || name.hasPrefix("fe80")) }
            return name.contains(".") && !name.hasSuffix(".local") && !name.hasSuffix(".localhost")
        }
    }
}
