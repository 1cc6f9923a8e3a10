/// The gate that every JSON text from outside passes before it is decoded.
///
/// Foundation's decoder keeps one of two equal keys, and takes `1.0` and `1e2` for integers. Where money is concerned
/// that is a hole: what is checked must be what is read. The scanner accepts RFC 8259 minus duplicate keys, minus
/// nesting below ``maximumDepth``, minus NUL characters, and, for ``Numbers/integers``, minus numbers that are not
/// written as integers of 64 bits.
package enum StrictJSON {
    /// Which numbers are accepted.
    package enum Numbers: Sendable {
        /// Only integers without point and exponent that fit in 64 bits: all that WeChat's payment messages contain.
        case integers
        /// Any JSON number.
        case any
    }

    /// Arrays and objects within each other.
    package static let maximumDepth = 32

    /// Why a text was refused.
    package struct Failure: Error, Equatable, CustomStringConvertible {
        /// What is wrong, in words.
        package let reason: String
        /// At which byte, from 0.
        package let offset: Int

        package var description: String { "\(reason) at byte \(offset)" }
    }

    /// Checks a whole text.
    ///
    /// - Throws: ``Failure``.
    package static func validate(_ bytes: [UInt8], numbers: Numbers = .integers) throws(Failure) {
        guard
            let result = bytes.withContiguousStorageIfAvailable({ buffer -> Failure? in
                var scanner = Scanner(bytes: buffer, numbers: numbers)
                do throws(Failure) {
                    try scanner.text()
                    return nil
                } catch { return error }
            })
        else { return }
        if let result { throw result }
    }
}

private struct Scanner {
    typealias Failure = StrictJSON.Failure

    let bytes: UnsafeBufferPointer<UInt8>
    let numbers: StrictJSON.Numbers
    var at = 0
    var depth = 0

    init(bytes: UnsafeBufferPointer<UInt8>, numbers: StrictJSON.Numbers) {
        self.bytes = bytes
        self.numbers = numbers
    }

    func failure(_ reason: String) -> Failure { Failure(reason: reason, offset: at) }

    var current: UInt8? { at < bytes.count ? bytes[at] : nil }

    mutating func skipSpace() {
        while at < bytes.count, case let byte = bytes[at], byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            at += 1
        }
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        at += 1
        return true
    }

    mutating func text() throws(Failure) {
        skipSpace()
        try value()
        skipSpace()
        guard at == bytes.count else { throw failure("text after the end of the JSON value") }
    }

    mutating func value() throws(Failure) {
        switch current {
        case UInt8(ascii: "{"): try object()
        case UInt8(ascii: "["): try array()
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "t"): try literal("true")
        case UInt8(ascii: "f"): try literal("false")
        case UInt8(ascii: "n"): try literal("null")
        case nil: throw failure("unexpected end of JSON")
        default: try number()
        }
    }

    mutating func literal(_ word: StaticString) throws(Failure) {
        let length = word.utf8CodeUnitCount
        guard at + length <= bytes.count, (0..<length).allSatisfy({ bytes[at + $0] == word.utf8Start[$0] }) else {
            throw failure("not a JSON value")
        }
        at += length
    }

    mutating func descend() throws(Failure) {
        depth += 1
        guard depth <= StrictJSON.maximumDepth else {
            throw failure("JSON nested deeper than \(StrictJSON.maximumDepth)")
        }
        at += 1
        skipSpace()
    }

    mutating func object() throws(Failure) {
        try descend()
        defer { depth -= 1 }
        if take(UInt8(ascii: "}")) { return }
        var keys = Set<String>(minimumCapacity: 16)
        while true {
            let start = at
            guard current == UInt8(ascii: "\"") else { throw failure("expected an object key") }
            let key = try key()
            guard keys.insert(key).inserted else {
                throw Failure(reason: "the key \"\(key.prefix(40))\" stands twice in one object", offset: start)
            }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw failure("expected ':'") }
            skipSpace()
            try value()
            skipSpace()
            if take(UInt8(ascii: "}")) { return }
            guard take(UInt8(ascii: ",")) else { throw failure("expected ',' or '}'") }
            skipSpace()
        }
    }

    mutating func array() throws(Failure) {
        try descend()
        defer { depth -= 1 }
        if take(UInt8(ascii: "]")) { return }
        while true {
            try value()
            skipSpace()
            if take(UInt8(ascii: "]")) { return }
            guard take(UInt8(ascii: ",")) else { throw failure("expected ',' or ']'") }
            skipSpace()
        }
    }

    mutating func number() throws(Failure) {
        let start = at
        let negative = take(UInt8(ascii: "-"))
        guard let first = current, isDigit(first) else { throw failure("not a JSON value") }
        var magnitude: UInt64 = 0
        var overflow = false
        while let byte = current, isDigit(byte) {
            let (product, high) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(byte - 0x30))
            overflow = overflow || high || carry
            magnitude = sum
            at += 1
        }
        let digits = at - start - (negative ? 1 : 0)
        if first == UInt8(ascii: "0"), digits > 1 { throw Failure(reason: "a number starts with 0", offset: start) }
        let isInteger = current != UInt8(ascii: ".") && current != UInt8(ascii: "e") && current != UInt8(ascii: "E")
        if case .integers = numbers {
            guard isInteger else { throw Failure(reason: "a number that is not written as an integer", offset: start) }
            let limit = negative ? UInt64(Int64.max) + 1 : UInt64(Int64.max)
            guard !overflow, magnitude <= limit else {
                throw Failure(reason: "an integer of more than 64 bits", offset: start)
            }
            return
        }
        if take(UInt8(ascii: ".")) { try digitsRequired() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digitsRequired()
        }
    }

    mutating func digitsRequired() throws(Failure) {
        guard let byte = current, isDigit(byte) else { throw failure("a digit is missing in a number") }
        while let byte = current, isDigit(byte) { at += 1 }
    }

    func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// Passes over a string with its quotes.
    mutating func string() throws(Failure) {
        at += 1
        let start = at
        var isASCII = true
        while true {
            guard let byte = current else { throw failure("unexpected end of JSON in a string") }
            switch byte {
            case UInt8(ascii: "\""):
                let raw = UnsafeBufferPointer(rebasing: bytes[start..<at])
                at += 1
                // Escapes are ASCII: with them or without, the rest is UTF-8 or it is not.
                guard isASCII || String(validating: raw, as: UTF8.self) != nil else {
                    throw Failure(reason: "invalid UTF-8", offset: start)
                }
                return
            case UInt8(ascii: "\\"):
                at += 1
                _ = try escape()
            case 0..<0x20:
                throw failure("a control character in a string")
            default:
                if byte >= 0x80 { isASCII = false }
                at += 1
            }
        }
    }

    /// Reads a key with its quotes and returns what it means, so that `"a"` and `"\u0061"` are one key.
    mutating func key() throws(Failure) -> String {
        at += 1
        let start = at
        var decoded: [UInt8]? = nil
        while true {
            guard let byte = current else { throw failure("unexpected end of JSON in a string") }
            switch byte {
            case UInt8(ascii: "\""):
                let raw = UnsafeBufferPointer(rebasing: bytes[start..<at])
                at += 1
                guard let text = decoded.map({ String(validating: $0, as: UTF8.self) }) ?? String(validating: raw, as: UTF8.self)
                else { throw Failure(reason: "invalid UTF-8", offset: start) }
                return text
            case UInt8(ascii: "\\"):
                if decoded == nil { decoded = Array(bytes[start..<at]) }
                at += 1
                let scalar = try escape()
                decoded?.append(contentsOf: String(scalar).utf8)
            case 0..<0x20:
                throw failure("a control character in a string")
            default:
                decoded?.append(byte)
                at += 1
            }
        }
    }

    mutating func escape() throws(Failure) -> Unicode.Scalar {
        guard let byte = current else { throw failure("unexpected end of JSON in a string") }
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let unit = try hex4()
            guard unit != 0 else { throw failure("a NUL character in a string") }
            if (0xD800..<0xDC00).contains(unit) {
                guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw failure("half of a surrogate pair") }
                let low = try hex4()
                guard (0xDC00..<0xE000).contains(low),
                    let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
                else { throw failure("half of a surrogate pair") }
                return scalar
            }
            guard let scalar = Unicode.Scalar(unit) else { throw failure("half of a surrogate pair") }
            return scalar
        default: throw failure("an unknown escape in a string")
        }
    }

    mutating func hex4() throws(Failure) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current else { throw failure("unexpected end of JSON in a string") }
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
            case 0x41...0x46: value = value << 4 | UInt32(byte - 0x41 + 10)
            case 0x61...0x66: value = value << 4 | UInt32(byte - 0x61 + 10)
            default: throw failure("\\u without four hexadecimal digits")
            }
            at += 1
        }
        return value
    }
}
