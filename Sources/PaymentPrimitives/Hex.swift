/// Hexadecimal text.
package enum Hex {
    package static func upper(_ bytes: some Sequence<UInt8>) -> String { text(Array(bytes), letters: UInt8(ascii: "A")) }
    package static func lower(_ bytes: some Sequence<UInt8>) -> String { text(Array(bytes), letters: UInt8(ascii: "a")) }

    private static func text(_ bytes: [UInt8], letters: UInt8) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { text in
            for index in bytes.indices {
                text[index * 2] = digit(bytes[index] >> 4, letters)
                text[index * 2 + 1] = digit(bytes[index] & 15, letters)
            }
            return bytes.count * 2
        }
    }

    private static func digit(_ value: UInt8, _ letters: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : letters + value - 10
    }
}
