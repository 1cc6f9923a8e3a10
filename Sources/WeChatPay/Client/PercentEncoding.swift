/// Percent-encoding for path segments and query values: all but RFC 3986's unreserved characters.
package enum PercentEncoding {
    /// `a|b*` becomes `a%7Cb%2A`.
    package static func encode(_ text: String) -> String {
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.append(byte)
            default:
                result += Array("%\(Hex.upper([byte]))".utf8)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// `path?name=value&…`; the path alone when there is no query.
    static func path(_ path: String, query: [(name: String, value: String)]) -> String {
        guard !query.isEmpty else { return path }
        return path + "?" + query.map { encode($0.name) + "=" + encode($0.value) }.joined(separator: "&")
    }
}
