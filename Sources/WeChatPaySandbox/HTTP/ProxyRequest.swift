import HTTPTypes

/// The head of a request to the proxy, judged: a pure function of its bytes.
///
/// The proxy leads to the sandbox and nowhere else. It answers for WeChat's hosts on the ports 80 and 443; anything that
/// is not exactly one of these is refused, however it is spelt.
enum ProxyRequest: Equatable {
    /// `CONNECT host:port`: a tunnel, to the TLS face on 443 and to the plain one on 80.
    case tunnel(isSecure: Bool)
    /// A request in absolute form: what to send to the plain face instead of its head.
    case forward(head: [UInt8])
    /// What to answer instead.
    case refuse(status: Int, reason: String, text: String)

    /// Heads are not longer than this, in bytes.
    static let headLimit = 32 * 1024

    /// Judges a head: everything up to and including the empty line.
    static func judge(_ head: [UInt8]) -> ProxyRequest {
        guard let (line, fields) = split(head) else {
            return .refuse(status: 400, reason: "Bad Request", text: "this is not the head of an HTTP/1.1 request")
        }
        let parts = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, parts[2] == "HTTP/1.1" || parts[2] == "HTTP/1.0", HTTPRequest.Method(parts[0]) != nil else {
            return .refuse(status: 400, reason: "Bad Request", text: "the request line must be METHOD TARGET HTTP/1.1")
        }
        let hosts = fields.filter { $0.name.lowercased() == "host" }.map(\.value)
        guard hosts.count <= 1 else {
            return .refuse(status: 400, reason: "Bad Request", text: "there are \(hosts.count) Host headers")
        }
        if parts[0] == "CONNECT" { return tunnel(to: parts[1], host: hosts.first) }
        return forward(method: parts[0], target: parts[1], host: hosts.first, fields)
    }

    // MARK: The two ways in

    private static func tunnel(to target: String, host: String?) -> ProxyRequest {
        guard let authority = Authority(target), let port = authority.port, isOurs(authority, port) else {
            return refusal(of: target)
        }
        if let host, Authority(host).map({ $0.host == authority.host && ($0.port ?? port) == port }) != true {
            return refusal(of: host)
        }
        return .tunnel(isSecure: port == 443)
    }

    private static func forward(
        method: String, target: String, host: String?, _ fields: [(name: String, value: String)]
    ) -> ProxyRequest {
        let scheme = "http://"
        guard target.lowercased().hasPrefix(scheme) else {
            return .refuse(
                status: 400, reason: "Bad Request",
                text:
                    "this is a proxy: requests must name http://HOST/PATH, or ask for a tunnel with CONNECT HOST:443 for https. The sandbox itself listens at another port"
            )
        }
        let rest = target.dropFirst(scheme.count)
        let end = rest.firstIndex { "/?#\\".contains($0) } ?? rest.endIndex
        guard let authority = Authority(String(rest[..<end])), isOurs(authority, authority.port ?? 80) else {
            return refusal(of: target)
        }
        let path = rest[end...]
        guard path.isEmpty || path.hasPrefix("/") || path.hasPrefix("?"), !path.contains("#") else { return refusal(of: target) }
        if let host, Authority(host).map({ $0.host == authority.host && ($0.port ?? 80) == (authority.port ?? 80) }) != true {
            return refusal(of: host)
        }
        let port = authority.port.map { $0 == 80 ? "" : ":\($0)" } ?? ""
        var lines = ["\(method) \(path.hasPrefix("/") ? "" : "/")\(path) HTTP/1.1", "Host: \(authority.host)\(port)"]
        lines += fields.filter { !hopByHop.contains($0.name.lowercased()) }.map { "\($0.name): \($0.value)" }
        // One request a connection: a second one, for another host, would otherwise pass unseen.
        lines.append("Connection: close")
        return .forward(head: Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
    }

    /// Between the client and this proxy only. `Transfer-Encoding` stays: the body passes as it is.
    private static let hopByHop: Set<String> = [
        "host", "connection", "keep-alive", "proxy-connection", "proxy-authorization", "proxy-authenticate", "te", "upgrade",
    ]

    private static func isOurs(_ authority: Authority, _ port: Int) -> Bool {
        WeChatHosts.contains(authority.host) && (port == 443 || port == 80)
    }

    private static func refusal(of target: String) -> ProxyRequest {
        .refuse(
            status: 403, reason: "Forbidden",
            text:
                "“\(String(target.prefix(200)))” is refused: this proxy of the WeChat Pay sandbox answers for \(WeChatHosts.all.joined(separator: ", ")) on the ports 443 and 80, and for nothing else"
        )
    }

    /// `host` or `host:port`; no user, no brackets, no empty port.
    private struct Authority {
        let host: String
        let port: Int?

        init?(_ text: String) {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2, !parts[0].isEmpty,
                parts[0].utf8.allSatisfy({
                    (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E
                })
            else { return nil }
            host = parts[0].lowercased()
            guard parts.count == 2 else {
                port = nil
                return
            }
            guard (1...5).contains(parts[1].utf8.count), parts[1].first != "0",
                parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(parts[1])
            else { return nil }
            port = number
        }
    }

    // MARK: The lines of a head

    /// The request line and the fields; `nil` when the bytes are anything but clean lines.
    private static func split(_ head: [UInt8]) -> (line: String, fields: [(name: String, value: String)])? {
        guard head.count <= headLimit, head.suffix(4) == [0x0D, 0x0A, 0x0D, 0x0A] else { return nil }
        let text = String(decoding: head.dropLast(4), as: UTF8.self)
        // In Swift CR LF is one character, so a CR or LF that is left alone shows itself.
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
        guard let first = lines.first, !first.isEmpty,
            lines.allSatisfy({ line in line.utf8.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 } })
        else { return nil }
        var fields: [(name: String, value: String)] = []
        for line in lines.dropFirst() {
            let sides = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            // A field name is a token: a space before the colon, or a folded line, is none.
            guard sides.count == 2, HTTPField.Name(String(sides[0])) != nil else { return nil }
            fields.append((String(sides[0]), sides[1].trimmingPrefix { $0 == " " || $0 == "\t" }.description))
        }
        return (first, fields)
    }
}
