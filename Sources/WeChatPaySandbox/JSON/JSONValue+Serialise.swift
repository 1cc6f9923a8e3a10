extension JSONValue {
    /// How a text is laid out; the other ways than `compact` are those of other people's JSON libraries.
    struct Layout: Sendable {
        var afterComma = ""
        var afterColon = ""
        var asciiOnly = false
        var escapesSlash = false
        var indentation: String?

        /// As WeChat writes: no spaces, nothing escaped that need not be.
        static let compact = Layout()
        /// Python's `json.dumps`.
        static let spaced = Layout(afterComma: " ", afterColon: " ")
        /// Python's `json.dumps` with its default `ensure_ascii`.
        static let spacedASCII = Layout(afterComma: " ", afterColon: " ", asciiOnly: true)
        /// Escapes outside ASCII.
        static let ascii = Layout(asciiOnly: true)
        /// PHP's `json_encode`, and Foundation's `JSONEncoder`.
        static let escapedSlashes = Layout(escapesSlash: true)
        /// PHP's `json_encode` with its default flags.
        static let escapedSlashesASCII = Layout(asciiOnly: true, escapesSlash: true)
        /// For files that people edit.
        static let pretty = Layout(afterColon: " ", indentation: "  ")
    }

    /// The text of the value.
    func serialised(_ layout: Layout = .compact) -> [UInt8] {
        var writer = JSONWriter(layout: layout)
        writer.write(self, depth: 0)
        return writer.bytes
    }

    /// The text of the value, as a string.
    var json: String { String(decoding: serialised(), as: UTF8.self) }
}

private struct JSONWriter {
    let layout: JSONValue.Layout
    var bytes: [UInt8] = []

    mutating func write(_ value: JSONValue, depth: Int) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .number(let token): append(token)
        case .string(let text): write(text)
        case .array(let values):
            list("[", "]", values, depth) { $0.write($1, depth: depth + 1) }
        case .object(let members):
            list("{", "}", members, depth) { writer, member in
                writer.write(member.name)
                writer.append(":" + writer.layout.afterColon)
                writer.write(member.value, depth: depth + 1)
            }
        }
    }

    private mutating func list<Element>(
        _ open: String, _ close: String, _ elements: [Element], _ depth: Int,
        _ write: (inout JSONWriter, Element) -> Void
    ) {
        append(open)
        for (index, element) in elements.enumerated() {
            if index > 0 { append("," + layout.afterComma) }
            newLine(depth + 1)
            write(&self, element)
        }
        if !elements.isEmpty { newLine(depth) }
        append(close)
    }

    private mutating func newLine(_ depth: Int) {
        guard let indentation = layout.indentation else { return }
        append("\n" + String(repeating: indentation, count: depth))
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func write(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": append("\\\"")
            case "\\": append("\\\\")
            case "\n": append("\\n")
            case "\r": append("\\r")
            case "\t": append("\\t")
            case "/" where layout.escapesSlash: append("\\/")
            case _ where scalar.value < 0x20 || (layout.asciiOnly && scalar.value > 0x7E):
                for unit in String(scalar).utf16 { append("\\u" + Self.hex(unit)) }
            default: append(String(scalar))
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func hex(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}
