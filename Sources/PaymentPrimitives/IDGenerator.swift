/// Makes identifiers that sort by time and cannot be guessed: 48 bits of milliseconds, then 80 random bits, in 26
/// characters of Crockford's base 32.
public struct IDGenerator: Sendable {
    private let clock: any WallClock
    private let random: any RandomSource

    /// Ids that take their time from `clock` and their chance from `random`.
    public init(clock: any WallClock, random: any RandomSource) {
        self.clock = clock
        self.random = random
    }

    /// 26 characters out of `0–9 A–Z` without `I L O U`.
    public func next() -> String {
        let time = UInt64(bitPattern: clock.now.milliseconds)
        let bytes = (0..<6).map { UInt8(truncatingIfNeeded: time >> (40 - 8 * UInt64($0))) } + random.bytes(10)
        return Self.crockford(bytes)
    }

    /// ``next()`` behind a prefix: `pay_01H…`.
    public func next(_ prefix: String) -> String {
        prefix + "_" + next()
    }

    /// 16 bytes as 26 characters; the two missing bits are zeros in front.
    static func crockford(_ bytes: [UInt8]) -> String {
        let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(26)
        var buffer: UInt32 = 0
        var bits = 2
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(buffer >> UInt32(bits) & 31)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
