extension XMLFields {
    /// The document as it is sent: `<xml>` with one element a field, digits bare and everything else in CDATA.
    ///
    /// - Throws: ``WeChatPayError`` `invalidArgument` for a name that is none, or a value with a character that XML cannot
    ///   carry: NUL and most control characters.
    public func document() throws(WeChatPayError) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + fields.count * 24 + 16)
        text += "<xml>".utf8
        for field in fields {
            let name = bytes[field.name]
            guard Self.isName(name) else {
                throw WeChatPayError(.invalidArgument, "XML: \"\(String(decoding: name, as: UTF8.self))\" is no element name")
            }
            guard Self.isText(bytes[field.value]) else {
                throw WeChatPayError(
                    .invalidArgument,
                    "\(String(decoding: name, as: UTF8.self)): a control character, U+FFFE or U+FFFF, which XML cannot carry")
            }
            text.append(UInt8(ascii: "<"))
            text += name
            text.append(UInt8(ascii: ">"))
            Self.write(bytes[field.value], to: &text)
            text += "</".utf8
            text += name
            text.append(UInt8(ascii: ">"))
        }
        text += "</xml>".utf8
        return text
    }

    private static func write(_ value: ArraySlice<UInt8>, to text: inout [UInt8]) {
        if value.allSatisfy({ (0x30...0x39).contains($0) }) {
            text += value
            return
        }
        text += "<![CDATA[".utf8
        var brackets = 0
        for byte in value {
            if byte == 0x0D {
                // A reader turns a bare carriage return into a line feed; as a reference it survives, outside of CDATA alone.
                text += "]]>&#13;<![CDATA[".utf8
                brackets = 0
                continue
            }
            // "]]>" would end the section: it is split over two.
            if byte == UInt8(ascii: ">"), brackets >= 2 { text += "]]><![CDATA[".utf8 }
            text.append(byte)
            brackets = byte == UInt8(ascii: "]") ? brackets + 1 : 0
        }
        text += "]]>".utf8
    }

    private static func isName(_ name: ArraySlice<UInt8>) -> Bool {
        guard let first = name.first, name.count <= XMLReader.maximumNameBytes else { return false }
        let isLetter = { (byte: UInt8) in
            (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "_")
        }
        return isLetter(first) && name.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E }
    }

    /// Whether XML has all these characters. U+FFFE and U+FFFF are the only ones of three bytes that it has not.
    private static func isText(_ value: ArraySlice<UInt8>) -> Bool {
        var (second, first): (UInt8, UInt8) = (0, 0)
        for byte in value {
            if byte < 0x20, byte != 0x09, byte != 0x0A, byte != 0x0D { return false }
            if second == 0xEF, first == 0xBF, byte >= 0xBE { return false }
            (second, first) = (first, byte)
        }
        return true
    }
}
