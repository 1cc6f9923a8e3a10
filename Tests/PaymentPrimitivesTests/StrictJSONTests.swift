import Testing

@testable import PaymentPrimitives

@Suite("StrictJSON")
struct StrictJSONTests {
    @Test(
        "what RFC 8259 allows is accepted",
        arguments: [
            "null", "true", "false", "0", "-1", "9223372036854775807", "-9223372036854775808", "\"\"", "[]", "{}",
            " \t\r\n1 \t\r\n",
            "[1,\"a\",null,[true],{\"a\":{}}]", "{\"a\":1,\"b\":{\"a\":1}}", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"",
            "\"\\ud83c\\udf75\"",
            "\"汉字🍵\"", "\"\u{7F}\"", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "{\"\":0}",
        ])
    func valid(text: String) throws {
        try StrictJSON.validate(Array(text.utf8))
    }

    @Test(
        "what it does not allow, and what two readers could read in two ways, is refused",
        arguments: [
            "", " ", "nul", "nullx", "True", "1 2", "{} {}", "[1,]", "[,1]", "[1 2]", "{\"a\":1,}", "{,}", "{\"a\"}", "{\"a\":}",
            "{a:1}", "{1:1}",
            "'a'", "[", "{", "\"", "]", "}", "[1", "{\"a\":1", "\"a", "{\"a\":1]", "1.0", "1e2", "1E2", "1.", ".5", "-", "-0.0",
            "+1", "01",
            "-01", "00", "0x1", "NaN", "Infinity", "9223372036854775808", "-9223372036854775809", "99999999999999999999999999",
            "{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}", "{\"x\":{\"a\":1,\"b\":2,\"a\":3}}", "{\"é\":1,\"\\u00e9\":2}",
            "\"a\u{0}b\"", "\"\\u0000\"", "{\"\\u0000\":1}", "\u{0}", "1\u{0}", "\"a\nb\"", "\"a\tb\"", "\"\u{1F}\"", "\"\\x\"",
            "\"\\u12\"",
            "\"\\u12g4\"", "\"\\ud83c\"", "\"\\ud83cx\"", "\"\\ud83c\\n\"", "\"\\ud83c\\ud83c\"", "\"\\udf75\"", "\"\\",
            "\u{FEFF}{}",
            "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "/**/1", "1//",
        ])
    func refused(text: String) {
        #expect(throws: StrictJSON.Failure.self) { try StrictJSON.validate(Array(text.utf8)) }
    }

    @Test("bytes that are not UTF-8 are refused, in strings and keys")
    func utf8() {
        let bad: [[UInt8]] = [
            [0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE6, 0xB1], [0x80],
            [0xF8, 0x88, 0x80, 0x80, 0x80],
        ]
        for bytes in bad {
            #expect(throws: StrictJSON.Failure.self) { try StrictJSON.validate([0x22] + bytes + [0x22]) }
            #expect(throws: StrictJSON.Failure.self) { try StrictJSON.validate([0x22, 0x5C, 0x6E] + bytes + [0x22]) }
            #expect(throws: StrictJSON.Failure.self) {
                try StrictJSON.validate([0x7B, 0x22] + bytes + [0x22, 0x3A, 0x31, 0x7D])
            }
            #expect(throws: StrictJSON.Failure.self) { try StrictJSON.validate(bytes) }
        }
    }

    @Test("ten thousand levels are refused and do not crash", arguments: ["[", "{\"a\":", "[{\"a\":"])
    func depth(unit: String) {
        let open = Array(String(repeating: unit, count: 10_000).utf8)
        #expect(throws: StrictJSON.Failure.self) { try StrictJSON.validate(open) }
        let mirror = unit.reversed().map { $0 == "[" ? "]" : $0 == "{" ? "}" : "" }.joined()
        let closed = open + Array("1".utf8) + Array(String(repeating: mirror, count: 10_000).utf8)
        #expect(throws: StrictJSON.Failure.self) { try StrictJSON.validate(closed) }
    }

    @Test("any numbers are allowed where they are asked for, but written correctly")
    func anyNumbers() throws {
        for text in ["1.0", "1e2", "-0.5E-3", "-0", "9223372036854775808", "0.1"] {
            try StrictJSON.validate(Array(text.utf8), numbers: .any)
        }
        for text in ["01", "1.", "1e", "1e+", ".1", "+1", "--1", "1.e2"] {
            #expect(throws: StrictJSON.Failure.self) { try StrictJSON.validate(Array(text.utf8), numbers: .any) }
        }
    }

    @Test("every cut of a valid text is refused")
    func cuts() throws {
        let text = Array("{\"a\":[1,-2,\"\\u00e9\\ud83c\\udf75\",true,null],\"b\":{\"c\":\"汉\"}}".utf8)
        try StrictJSON.validate(text)
        for length in 0..<text.count {
            #expect(throws: StrictJSON.Failure.self) { try StrictJSON.validate(Array(text.prefix(length))) }
        }
    }

    @Test("a failure says what and where")
    func failure() {
        #expect(throws: StrictJSON.Failure(reason: "a number that is not written as an integer", offset: 5)) {
            try StrictJSON.validate(Array("{\"a\":1.0}".utf8))
        }
    }

    @Test("decoding checks first; a shape error names its field")
    func decoding() throws {
        struct Item: Codable, Equatable { let quantity: Int64 }
        struct Cart: Codable, Equatable { let items: [Item] }
        #expect(
            try StrictJSON.decode(Cart.self, from: Array("{\"items\":[{\"quantity\":2}]}".utf8))
                == Cart(items: [Item(quantity: 2)]))
        #expect(throws: StrictJSON.Failure.self) {
            try StrictJSON.decode(Cart.self, from: Array("{\"items\":[{\"quantity\":2.0}]}".utf8))
        }
        func explanation(_ json: String) -> String {
            let result = Result { try StrictJSON.decode(Cart.self, from: Array(json.utf8)) }
            guard case .failure(let error) = result else { return "" }
            return StrictJSON.explain(error)
        }
        #expect(explanation("{\"items\":[{\"quantity\":1},{}]}") == "items[1].quantity is missing")
        #expect(explanation("{\"items\":[{\"quantity\":\"1\"}]}") == "items[0].quantity has the wrong type, expected an integer")
        #expect(explanation("{\"items\":null}").contains("items must not be null"))
    }

    @Test("encoding gives the same bytes for the same value, slashes as they are")
    func encoding() throws {
        #expect(String(decoding: try StrictJSON.encode(["b": "x/y", "a": "汉"]), as: UTF8.self) == "{\"a\":\"汉\",\"b\":\"x/y\"}")
    }
}
