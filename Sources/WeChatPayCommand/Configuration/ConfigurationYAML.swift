import Yams

/// Reads YAML into nodes that know their line and column, and leaves out what a configuration does not need.
///
/// Not taken are aliases (a few lines of them stand for gigabytes), tags (`!env X` would pass for the text `X`), a
/// second document, a key twice, and bytes that are not UTF-8. All plain values are texts: `1900000001` and
/// `2026-01-01` come out as they were written.
enum ConfigurationYAML {
    /// Stands in for `*` while looking for aliases: a private-use character that YAML allows in a plain value.
    private static let star: Unicode.Scalar = "\u{E02A}"

    /// The root node of the one document in `bytes`, or what is wrong with it. `file` names it in the problem.
    static func node(_ bytes: [UInt8], file: String) throws(ConfigurationProblem) -> Node {
        let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
            let line = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
            throw ConfigurationProblem(file, line + 1, 1, "the file is not UTF-8")
        }
        try refuseAliases(text, file: file)
        let root = try compose(text, file: file)
        try visit(root) { node throws(ConfigurationProblem) in
            if !["str", "seq", "map"].contains(where: { node.tag.rawValue == "tag:yaml.org,2002:" + $0 }) {
                throw ConfigurationProblem(file, node.mark, "tags (!…) are not supported; remove it")
            }
        }
        return root
    }

    /// Yams compares the keys of a mapping, and so would expand an alias in a key, before anybody can look at what it
    /// has read. So the text is read once with another character for each `*`: an alias is then a plain value that
    /// begins with that character, at the same place.
    private static func refuseAliases(_ text: String, file: String) throws(ConfigurationProblem) {
        guard text.unicodeScalars.contains("*") else { return }
        var harmless = String.UnicodeScalarView()
        harmless.append(contentsOf: text.unicodeScalars.lazy.map { $0 == "*" ? star : $0 })
        try visit(compose(String(harmless), file: file)) { node throws(ConfigurationProblem) in
            if case .scalar(let scalar) = node, scalar.style == .plain, scalar.string.unicodeScalars.first == star {
                throw ConfigurationProblem(
                    file, node.mark, "aliases (*name) are not supported; write the value out, or quote a text that begins with *")
            }
        }
    }

    private static func compose(_ text: String, file: String) throws(ConfigurationProblem) -> Node {
        do {
            // No resolver: plain values stay texts, and only an explicit tag is seen as one.
            if let root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot() { return root }
        } catch let error as YamlError {
            throw ConfigurationProblem(error, text: text, file: file)
        } catch {
            throw ConfigurationProblem(file, 1, 1, "the file is not YAML")
        }
        throw ConfigurationProblem(file, 1, 1, "the file is empty")
    }

    private static func visit(
        _ root: Node, _ body: (Node) throws(ConfigurationProblem) -> Void
    ) throws(ConfigurationProblem) {
        var waiting = [root]
        while let node = waiting.popLast() {
            try body(node)
            switch node {
            case .mapping(let mapping): for (key, value) in mapping.reversed() { waiting += [value, key] }
            case .sequence(let sequence): waiting += sequence.reversed()
            case .scalar, .alias: break
            }
        }
    }
}

extension ConfigurationProblem: Error {
    init(_ file: String, _ line: Int, _ column: Int, _ message: String) {
        self.init(place: .file(file, line: line, column: column), message: message)
    }

    init(_ file: String, _ mark: Mark?, _ message: String) {
        self.init(file, mark?.line ?? 1, mark?.column ?? 1, message)
    }

    /// Yams' own descriptions quote the file, and with it perhaps a secret; these do not.
    fileprivate init(_ error: YamlError, text: String, file: String) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            self.init(file, mark, "not YAML: " + (context.map { $0.text + ": " } ?? "") + problem)
        case .reader(let problem, let offset, _, _):
            let before = text.prefix(offset ?? 0)
            let line = before.lazy.filter(\.isNewline).count
            let column = before.reversed().prefix { !$0.isNewline }.reduce(0) { $0 + $1.unicodeScalars.count }
            self.init(file, line + 1, column + 1, "not YAML: " + problem)
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map(ConfigurationName.quoted(key:)).joined(separator: ", ")
            self.init(file, context.mark, "\(names) appears more than once in one mapping")
        default:
            self.init(file, 1, 1, "the file is not YAML")
        }
    }
}
