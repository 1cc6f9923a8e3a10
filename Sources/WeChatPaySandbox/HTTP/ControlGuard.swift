import HTTPTypes
import PaymentPrimitives

/// Decides who may steer the sandbox: a web page that the developer happens to have open may not.
struct ControlGuard: Sendable {
    /// When set, it must be shown, and callers from other machines are let in with it.
    let token: Secret?

    /// Why a control call is refused; `nil` when it is allowed.
    ///
    /// - Parameter peer: the caller's IP address.
    func refusal(_ head: HTTPRequest, peer: String?) -> String? {
        let authority = head.authority ?? ""
        if let token {
            let shown = head.headerFields[.authorization] ?? ""
            guard shown.hasPrefix("Bearer "), Secret(String(shown.dropFirst(7))) == token else {
                return "control calls need the header Authorization: Bearer TOKEN, with the token of --control-token-file"
            }
        } else {
            guard let peer, NotifyURL.Host(peer).isLoopback else {
                return "control calls are accepted from this machine only; --control-token-file allows others"
            }
            // A name that an attacker's DNS points at this machine shows itself here.
            guard NotifyURL.Host(Self.host(of: authority)).isLoopback else {
                return "control calls must be sent to localhost, 127.0.0.1 or [::1], not to “\(authority)”"
            }
        }
        let origins = head.headerFields[values: .origin]
        guard origins.allSatisfy({ $0 == "http://\(authority)" || $0 == "https://\(authority)" }) else {
            return "control calls from web pages of another origin are refused"
        }
        guard head.method == .get || head.method == .head || isJSON(head.headerFields[.contentType]) else {
            return "control calls must have the header Content-Type: application/json"
        }
        return nil
    }

    private func isJSON(_ contentType: String?) -> Bool {
        guard let contentType else { return false }
        return contentType.lowercased().prefix { $0 != ";" && $0 != " " } == "application/json"
    }

    /// The host in a `Host` header, without its port.
    private static func host(of authority: String) -> String {
        if authority.hasPrefix("[") { return String(authority.prefix { $0 != "]" }.dropFirst()) }
        return String(authority.prefix { $0 != ":" })
    }
}
