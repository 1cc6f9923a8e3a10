/// Where nonces, ids and tokens come from. Passed in everywhere, so that a seed replays a whole run.
public protocol RandomSource: Sendable {
    /// `count` random bytes.
    func bytes(_ count: Int) -> [UInt8]
}

extension RandomSource {
    /// A text of `length` characters out of `A–Z a–z 0–9`, each equally likely, as WeChat wants its nonces
    /// (at most 32 characters).
    public func alphanumeric(_ length: Int) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
        var text: [UInt8] = []
        while text.count < length {
            // 248 is the largest multiple of 62 in a byte; values above it would make some characters likelier.
            for byte in bytes(length - text.count + 8) where byte < 248 && text.count < length {
                text.append(alphabet[Int(byte) % alphabet.count])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
