/// Hexadecimal text by table.
package enum Hex {
    package static func upper(_ bytes: some Sequence<UInt8>) -> String { text(bytes, digits: Array("0123456789ABCDEF".utf8)) }
    package static func lower(_ bytes: some Sequence<UInt8>) -> String { text(bytes, digits: Array("0123456789abcdef".utf8)) }

    private static func text(_ bytes: some Sequence<UInt8>, digits: [UInt8]) -> String {
        var result: [UInt8] = []
        for byte in bytes {
            result.append(digits[Int(byte >> 4)])
            result.append(digits[Int(byte & 15)])
        }
        return String(decoding: result, as: UTF8.self)
    }
}
