import Testing

@testable import WeChatPayCommand

@Suite("Hostile and broken YAML")
struct ConfigurationYAMLTests {
    let files: ConfigurationFiles

    init() throws {
        files = try ConfigurationFiles()
    }

    @Test(
        "what is not YAML, or not one mapping, has one problem with its place",
        arguments: [
            ("", "server.yaml:1:1: the file is empty"),
            ("# nothing\n\n", "server.yaml:1:1: the file is empty"),
            ("---\n", "server.yaml:2:1: the file must be a mapping of keys to values"),
            ("- a\n- b\n", "server.yaml:1:1: the file must be a mapping of keys to values"),
            ("text", "server.yaml:1:1: the file must be a mapping of keys to values"),
            (
                "server:\n\tport: 80\n",
                "server.yaml:2:1: not YAML: while scanning for the next token: found character that cannot start any token"
            ),
            ("server: [\n", "server.yaml:2:1: not YAML: while parsing a flow node: did not find expected node content"),
            ("server: \"x\n", "server.yaml:2:1: not YAML: while scanning a quoted scalar: found unexpected end of stream"),
            ("a: b: c\n", "server.yaml:1:5: not YAML: mapping values are not allowed in this context"),
            (
                "a: 1\n---\nb: 1\n",
                "server.yaml:2:1: not YAML: expected a single document in the stream: but found another document"
            ),
            ("server: { port: 1, host: x, port: 2 }\n", #"server.yaml:1:11: key "port" appears more than once in one mapping"#),
            ("a: 1\n\"a\": 2\n", #"server.yaml:1:1: key "a" appears more than once in one mapping"#),
            ("server: !env PORT\n", "server.yaml:1:9: tags (!…) are not supported; remove it"),
            ("server: !!map { }\nx: !!int 3\n", "server.yaml:2:4: tags (!…) are not supported; remove it"),
            (
                "a: &a x\nb: *a\n",
                "server.yaml:2:4: aliases (*name) are not supported; write the value out, or quote a text that begins with *"
            ),
            (
                "a: *b\n",
                "server.yaml:1:4: aliases (*name) are not supported; write the value out, or quote a text that begins with *"
            ),
            (
                "a: &a {b: 1}\nc: {<<: *a}\n",
                "server.yaml:2:9: aliases (*name) are not supported; write the value out, or quote a text that begins with *"
            ),
            ("a: 1\nb: \"\u{1}\"\n", "server.yaml:2:5: not YAML: control characters are not allowed"),
            ("茶: 1\r\nb: \u{0}\r\n", "server.yaml:2:4: not YAML: control characters are not allowed"),
        ])
    func broken(_ yaml: String, _ expected: String) throws {
        #expect(try files.problems(yaml) == [expected])
    }

    private enum Letter: String, ConfigurationKey {
        case a, b, c, d, e
    }

    @Test("a star inside a text, or at the beginning of a quoted one, is no alias")
    func stars() throws {
        let node = try ConfigurationYAML.node(
            Array("a: 2 *b* [*\nb: '*b, *c'\nc: \"*\"\nd: |\n  *x\n# *y\ne: a, *b".utf8), file: "x")
        let loader = ConfigurationLoader(file: "x", environment: [:])
        let section = ConfigurationSection<Letter>(node, path: "", file: "x", loader: loader)
        let texts = Letter.allCases.map { section?.optional($0, .text(1...20, allowsLines: true)) }
        #expect(texts == ["2 *b* [*", "*b, *c", "*", "*x\n", "a, *b"])
        try loader.throwProblems()
    }

    @Test("aliases of aliases are refused before they are expanded, in values and in keys")
    func billionLaughs() throws {
        var yaml = "a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha]\n"
        for level in 1...60 {
            yaml += "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ") + "]\n"
        }
        #expect(try files.problems(yaml).map { $0.prefix(31) } == ["server.yaml:2:10: aliases (*nam"])
        #expect(try files.problems(yaml + "? *a60\n: x\n").map { $0.prefix(31) } == ["server.yaml:2:10: aliases (*nam"])
    }

    @Test("nesting without end is refused", arguments: ["[", "{a: ", "- ", "? "])
    func deep(_ opening: String) throws {
        let yaml = "a:\n  " + String(repeating: opening, count: 100_000)
        let problems = try files.problems(yaml)
        #expect(problems.count == 1 && problems[0].contains("not YAML"), "\(problems.map { $0.prefix(200) })")
    }

    @Test("a file of more than one megabyte is not read, one that is missing or a directory neither")
    func unreadable() throws {
        let large = ConfigurationFiles.minimal + "#" + String(repeating: "x", count: 2 << 20)
        #expect(try files.problems(large) == ["server.yaml:1:1: the configuration file is larger than 1024 KiB"])
        for (path, words) in [("none.yaml", "does not exist"), ("none/none.yaml", "does not exist"), ("", "is not a file")] {
            let errors = try #require(throws: ConfigurationErrors.self) {
                try Configuration.load(path: files.directory + path, environment: [:])
            }
            #expect(errors.description == "\(files.directory)\(path):1:1: the configuration file \(words)")
        }
    }

    @Test("a file that is not UTF-8 is refused, with the line")
    func encoding() throws {
        #expect(try files.problems(Array("a: 1\nb: ".utf8) + [0xC0, 0x80]) == ["server.yaml:2:1: the file is not UTF-8"])
        #expect(try files.problems([0xFF, 0xFE, 0x61, 0x00]) == ["server.yaml:1:1: the file is not UTF-8"])
    }

    @Test(
        "the nearest key is suggested, or none",
        arguments: [
            ("privat_key_file", "private_key_file"), ("mchID", "mchid"), ("serialno", "serial_no"), ("base-url", "base_url"),
            ("api_v3_key", "api_v3_key_file"), ("pubilc_key_id", "public_key_id"), ("certificate", nil), ("x", nil), ("", nil),
        ])
    func spelling(_ word: String, _ expected: String?) {
        let keys = Configuration.MerchantEntry.Key.allCases.map(\.rawValue)
        #expect(Spelling.nearest(to: word, among: keys) == expected)
    }
}
