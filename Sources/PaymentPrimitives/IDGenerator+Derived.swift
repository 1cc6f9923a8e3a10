extension IDGenerator {
    /// An id that follows from another one and a version: the same two always give the same id, so that writing an event
    /// again cannot make a second one.
    ///
    /// Keeps the time of `id` in front; its random half is mixed with the version.
    package static func derived(_ prefix: String, from id: String, version: Int64) -> String {
        var bytes = decode(id)
        for index in 0..<8 {
            bytes[8 + index] ^= UInt8(truncatingIfNeeded: UInt64(bitPattern: version) >> (56 - 8 * UInt64(index)))
        }
        return prefix + "_" + crockford(bytes)
    }

    /// The 16 bytes behind the last 26 characters of an id. Characters that are none of the alphabet count as zero.
    private static func decode(_ id: String) -> [UInt8] {
        let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
        var bytes: [UInt8] = []
        var buffer: UInt32 = 0
        var bits = -2
        for character in id.utf8.suffix(26) {
            buffer = buffer << 5 | UInt32(alphabet.firstIndex(of: character) ?? 0)
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
            }
        }
        return bytes + Array(repeating: 0, count: max(0, 16 - bytes.count))
    }
}
