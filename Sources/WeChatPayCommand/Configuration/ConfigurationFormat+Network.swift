import Foundation
import NIOCore
import SQLDatabase

extension ConfigurationFormat where Value == String {
    /// The address or name on which to listen.
    static var host: Self {
        Self { text throws(ConfigurationComplaint) in
            let isHost = text.unicodeScalars.allSatisfy {
                ConfigurationCharacters.identifier.contains($0) || $0 == "." || $0 == ":"
            }
            guard isHost, text.count <= 253 else {
                throw ConfigurationComplaint("must be an IP address or a host name")
            }
            return text
        }
    }

    /// An IP address, or a network such as 10.0.0.0/8.
    static var network: Self {
        Self { text throws(ConfigurationComplaint) in
            let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let address = try? SocketAddress(ipAddress: String(parts[0]), port: 0),
                parts.count == 1 || isPrefixLength(parts[1], upTo: address.protocol == .inet6 ? 128 : 32)
            else { throw ConfigurationComplaint("must be an IP address or a network such as 10.0.0.0/8") }
            return text
        }
    }

    private static func isPrefixLength(_ text: Substring, upTo most: Int) -> Bool {
        guard (1...3).contains(text.count), text.utf8.allSatisfy({ (48...57).contains($0) }), let length = Int(text) else {
            return false
        }
        return length <= most
    }

    /// An absolute http or https URL without query, fragment and password; a `/` at its end is left out.
    ///
    /// - Parameter plainHTTP: whether http is taken for other hosts than this machine.
    static func url(plainHTTP: Bool) -> Self {
        Self { text throws(ConfigurationComplaint) in
            // Never quoted: a URL may hold a password.
            guard text.unicodeScalars.allSatisfy(ConfigurationCharacters.visible.contains), !text.contains("\\"),
                let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
                ["http", "https"].contains(scheme), let host = parts.host, !host.isEmpty,
                parts.port.map({ (1...65_535).contains($0) }) ?? true
            else { throw ConfigurationComplaint("must be an absolute URL such as https://pay.example.com") }
            guard !text.contains("@"), parts.query == nil, parts.fragment == nil else {
                throw ConfigurationComplaint("must be a URL without user, password, query and fragment")
            }
            guard plainHTTP || scheme == "https" || isLoopback(host) else {
                throw ConfigurationComplaint("must begin with https:// (http:// is for this machine alone)")
            }
            return String(text.reversed().drop { $0 == "/" }.reversed())
        }
    }

    /// Whether the host of a URL is this machine.
    static func isLoopback(urlHost url: String) -> Bool {
        URLComponents(string: url)?.host.map { isLoopback($0) } ?? false
    }

    private static func isLoopback(_ host: String) -> Bool {
        let host = host.lowercased()
        if ["localhost", "::1", "[::1]"].contains(host) { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return numbers.count == 4 && numbers.allSatisfy { $0 != nil } && numbers[0] == 127
    }

    /// `sqlite:` and a path; relative ones start at the configuration file's directory. The result is
    /// `sqlite:///absolute/path`, or `sqlite::memory:` or `postgresql://…` as it was written.
    static func database(_ loader: ConfigurationLoader) -> Self {
        Self { text throws(ConfigurationComplaint) in
            if ["postgresql:", "postgres:"].contains(where: { text.lowercased().hasPrefix($0) }) {
                do throws(DatabaseError) {
                    _ = try DatabaseURL(text)
                } catch {
                    throw ConfigurationComplaint("is not an address of PostgreSQL: \(error.message)")
                }
                return text
            }
            let scheme = "sqlite:"
            guard text.hasPrefix(scheme) else {
                throw ConfigurationComplaint("must be sqlite:///path/of/a/file or postgresql://user@host/name")
            }
            let rest = text.dropFirst(scheme.count)
            if rest == ":memory:" { return text }
            let written = String(rest.hasPrefix("//") ? rest.dropFirst(2) : rest)
            guard !written.isEmpty, !written.hasSuffix("/"), !written.contains(where: { "?#%".contains($0) }) else {
                throw ConfigurationComplaint("must be sqlite:///path/of/a/file, without ?, # and %")
            }
            let path = loader.resolve(written)
            return "sqlite://" + (path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path)
        }
    }

    /// Where a picture is: an absolute URL, or a path on this server.
    static var image: Self {
        let url = url(plainHTTP: true)
        return Self { text throws(ConfigurationComplaint) in
            let isPath = text.hasPrefix("/") && !text.hasPrefix("//")
            if isPath, text.unicodeScalars.allSatisfy(ConfigurationCharacters.visible.contains) { return text }
            do {
                return try url.read(text)
            } catch {
                throw ConfigurationComplaint("must be a URL, or a path that begins with /")
            }
        }
    }
}
