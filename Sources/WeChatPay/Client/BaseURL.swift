/// Scheme and authority of a service of WeChat: the part of a URL that is not signed.
package struct BaseURL: Hashable, Sendable, CustomStringConvertible {
    package let scheme: String
    /// Host and, where it is not the scheme's own, port.
    package let authority: String

    package static let wechatPay = BaseURL(scheme: "https", authority: "api.mch.weixin.qq.com")
    /// WeChat's remote-site backup; the paths are the same.
    package static let wechatPayBackup = BaseURL(scheme: "https", authority: "api2.mch.weixin.qq.com")

    private init(scheme: String, authority: String) {
        self.scheme = scheme
        self.authority = authority
    }

    /// Reads `https://host`, `http://host:port`, with or without a last slash; no path, since paths are signed.
    package init(_ text: String) throws(WeChatPayError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3 || parts.count == 4 && parts[3].isEmpty, parts[1].isEmpty,
            parts[0] == "https:" || parts[0] == "http:", Self.isAuthority(parts[2])
        else {
            throw WeChatPayError(.invalidArgument, "base URL: not of the form https://host or http://host:port")
        }
        self.init(scheme: String(parts[0].dropLast()), authority: parts[2].lowercased())
    }

    private static func isAuthority(_ text: String) -> Bool {
        let isIPv6 = text.hasPrefix("[")
        let host: Substring
        let rest: Substring
        if isIPv6 {
            guard let end = text.firstIndex(of: "]") else { return false }
            host = text[text.index(after: text.startIndex)..<end]
            rest = text[text.index(after: end)...]
        } else {
            let end = text.firstIndex(of: ":") ?? text.endIndex
            host = text[..<end]
            rest = text[end...]
        }
        let isHost =
            !host.isEmpty
            && host.utf8.allSatisfy { byte in
                isIPv6
                    ? Character(Unicode.Scalar(byte)).isHexDigit || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
                    : String(decoding: [byte], as: UTF8.self).isToken || byte == UInt8(ascii: ".")
            }
        let digits = rest.dropFirst()
        let isPort =
            rest.isEmpty
            || rest.first == ":" && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
                && (UInt16(digits).map { $0 > 0 } ?? false)
        return isHost && isPort
    }

    package var description: String { "\(scheme)://\(authority)" }
}
