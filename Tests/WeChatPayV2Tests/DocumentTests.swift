import Testing
import WeChatPay
import WeChatPayV2

@Suite("Writing the XML of API v2")
struct DocumentTests {
    private func document(_ pairs: [(String, String)]) throws -> String {
        var fields = XMLFields()
        for (name, value) in pairs { fields[name] = value }
        return String(decoding: try fields.document(), as: UTF8.self)
    }

    @Test("Digits are bare, everything else is in CDATA, what ends CDATA is split, a carriage return survives")
    func forms() throws {
        #expect(
            try document([("total_fee", "100"), ("attach", "a&b<c>"), ("minus", "-1"), ("none", "")])
                == "<xml><total_fee>100</total_fee><attach><![CDATA[a&b<c>]]></attach><minus><![CDATA[-1]]></minus><none></none></xml>"
        )
        #expect(try document([("a", "x]]>y")]) == "<xml><a><![CDATA[x]]]]><![CDATA[>y]]></a></xml>")
        #expect(try document([("a", "1\r\n2")]) == "<xml><a><![CDATA[1]]>&#13;<![CDATA[\n2]]></a></xml>")
    }

    @Test("Characters that XML has not, and names that are none, are refused")
    func refused() {
        for value in ["\0", "a\u{1}", "\u{B}", "\u{1F}", "\u{FFFE}", "x\u{FFFF}"] {
            #expect(throws: WeChatPayError.invalidArgument) { try document([("a", value)]) }
        }
        for name in ["", "1a", "a b", "a>", "名", "a:b", "-a", String(repeating: "n", count: 65)] {
            #expect(throws: WeChatPayError.invalidArgument) { try document([(name, "1")]) }
        }
    }

    @Test("Whatever is written is read back byte for byte", arguments: 0..<20)
    func roundTrip(seed: Int) throws {
        let random = SeededRandom(UInt64(seed))
        let pieces = [
            "]", ">", "<", "&", "\r", "\n", "\t", "]]>", "<![CDATA[", "&#13;", "中", "é", "\"", "'", "0", "a", " ", "\u{7F}",
            "\u{FFFD}", "😀", "\u{85}", "\u{2028}",
        ]
        for _ in 0..<50 {
            var fields = XMLFields()
            for index in 0..<Int(random.bytes(1)[0] % 8) {
                let count = Int(random.bytes(1)[0] % 12)
                fields["f\(index)"] = random.bytes(count).map { pieces[Int($0) % pieces.count] }.joined()
            }
            let read = try XMLReader.read(try fields.document())
            #expect(read == fields, "seed \(seed)")
            let key = Secret(Documents.key)
            for type in V2SignType.allCases {
                #expect(
                    V2Signature.sign(read, key: key, type: type) == V2Signature.sign(fields, key: key, type: type), "seed \(seed)"
                )
            }
        }
    }
}
