import Configuration
import PaymentPrimitives
import Yams

/// The keys of one mapping of the configuration.
protocol ConfigurationKey: RawRepresentable<String>, CaseIterable, Hashable {
    /// Keys of features that this version does not have: naming them is an error of its own.
    static var later: Set<String> { get }
    /// Keys that an environment variable may override.
    static var overridable: Set<Self> { get }
}

extension ConfigurationKey {
    static var later: Set<String> { [] }
    static var overridable: Set<Self> { [] }
}

/// A text of the configuration, with its name and its place for messages.
struct ConfigurationText {
    let text: String
    let name: String
    let place: ConfigurationPlace
}

/// One mapping of the configuration. Reading a key gives its value, or reports to the loader and gives `nil`.
struct ConfigurationSection<Key: ConfigurationKey> {
    /// For example `merchants[0]`; empty for the root.
    let path: String
    let file: String
    /// Where the mapping begins.
    let place: ConfigurationPlace
    let loader: ConfigurationLoader

    private var nodes: [Key: Node] = [:]

    /// Sorts the keys of a mapping and reports those that do not exist; `nil` when the node is no mapping.
    init?(_ node: Node, path: String, file: String, loader: ConfigurationLoader) {
        self.init(path: path, file: file, place: loader.place(of: node, in: file), loader: loader)
        guard case .mapping(let mapping) = node else {
            loader.report("\(path.isEmpty ? "the file" : path) must be a mapping of keys to values", at: place)
            return nil
        }
        for (key, value) in mapping {
            guard let written = key.scalar?.string else {
                loader.report("a key must be a text", at: loader.place(of: key, in: file))
                continue
            }
            if let key = Key(rawValue: written) {
                nodes[key] = value
            } else {
                loader.report(unknown(written), at: loader.place(of: key, in: file))
            }
        }
    }

    /// A section that is not in the file: all its keys are missing.
    init(path: String, file: String, place: ConfigurationPlace, loader: ConfigurationLoader) {
        self.path = path
        self.file = file
        self.place = place
        self.loader = loader
    }

    private func unknown(_ key: String) -> String {
        if Key.later.contains(key) { return "\(name(key)) is not in this version; remove it" }
        let suggestion = Spelling.nearest(to: key, among: Key.allCases.map(\.rawValue))
        return "unknown \(ConfigurationName.quoted(key: key))" + (path.isEmpty ? "" : " in \(path)")
            + (suggestion.map { "; did you mean \"\($0)\"?" } ?? "")
    }

    func name(_ key: Key) -> String { name(key.rawValue) }

    private func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// Whether the file, or the environment for it, gives the key.
    func has(_ key: Key) -> Bool { nodes[key] != nil || overriding(key) != nil }

    /// Where the key's value is, or the section where there is none.
    func place(of key: Key) -> ConfigurationPlace {
        if let variable = overriding(key) { return variable.place }
        return nodes[key].map { loader.place(of: $0, in: file) } ?? place
    }

    func report(_ message: String, at key: Key) {
        loader.report("\(name(key)) \(message)", at: place(of: key))
    }

    // MARK: Values

    /// The value of a key that may be left out.
    func optional<Value>(_ key: Key, _ format: ConfigurationFormat<Value>) -> Value? {
        text(key, format).flatMap { read($0, format) }
    }

    /// The value of a key that must be there.
    func required<Value>(_ key: Key, _ format: ConfigurationFormat<Value>) -> Value? {
        if !has(key) { loader.report("\(name(key)) is missing", at: place) }
        return optional(key, format)
    }

    /// The values of a list that may be left out, each with its name and place.
    func list<Value>(_ key: Key, _ format: ConfigurationFormat<Value>) -> [(value: Value, source: ConfigurationText)]? {
        let texts: [ConfigurationText?]?
        if let variable = overriding(key) {
            let parts = loader.overrides.stringArray(forKey: configKey(key)) ?? []
            texts = parts.filter { !$0.isEmpty }.map { ConfigurationText(text: $0, name: name(key), place: variable.place) }
        } else {
            texts = elements(key)?.map { text($0.node, $0.name, format) }
        }
        return texts?.compactMap { text in
            text.flatMap { text in read(text, format).map { (value: $0, source: text) } }
        }
    }

    /// The mapping under a key.
    func section<Inner>(_ key: Key, as inner: Inner.Type) -> ConfigurationSection<Inner>? {
        nodes[key].flatMap { ConfigurationSection<Inner>($0, path: name(key), file: file, loader: loader) }
    }

    /// The mappings in the list under a key. A required list must be there and hold something.
    func sections<Inner>(
        _ key: Key, as inner: Inner.Type, required: Bool = false
    ) -> [ConfigurationSection<Inner>] {
        if required, !has(key) { loader.report("\(name(key)) is missing", at: place) }
        let elements = elements(key)
        if required, elements?.isEmpty == true { report("must not be empty", at: key) }
        return (elements ?? []).compactMap {
            ConfigurationSection<Inner>($0.node, path: $0.name, file: file, loader: loader)
        }
    }

    /// Reports each section whose value of `key` an earlier one has too. Empty values have been reported already.
    static func refuseTwins(_ sections: [Self], _ values: [String], _ key: Key) {
        for index in sections.indices where !values[index].isEmpty {
            if let twin = values[..<index].firstIndex(of: values[index]) {
                sections[index].report("is already taken by \(sections[twin].path)", at: key)
            }
        }
    }

    // MARK: Secrets and files

    /// The secret that a file or an environment variable holds, which `check` may refuse; `nil` when neither key is
    /// there.
    func secret(
        _ file: Key, _ variable: Key, required: Bool = true,
        check: (Secret) throws(ConfigurationComplaint) -> Void = { _ throws(ConfigurationComplaint) in }
    ) -> Secret? {
        switch (has(file), has(variable)) {
        case (true, true):
            loader.report("\(name(file)) and \(variable.rawValue) are both there; keep one", at: place(of: variable))
            return nil
        case (false, false):
            if required { loader.report("\(name(file)) is missing (or \(variable.rawValue))", at: place) }
            return nil
        case (true, false):
            return contents(file) { path, warn throws(ConfigurationComplaint) in
                let secret = try loader.readKeyFile(path, warn: warn)
                try check(secret)
                return secret
            }
        case (false, true):
            guard let source = text(variable, ConfigurationFormat<String>.path) else { return nil }
            do throws(ConfigurationComplaint) {
                guard let value = loader.environment[source.text] else { throw ConfigurationComplaint("is not set") }
                let secret = try loader.secret(Array(value.utf8))
                try check(secret)
                return secret
            } catch {
                loader.report("\(source.name): \(loader.shown(variable: source.text)) \(error.text)", at: source.place)
                return nil
            }
        }
    }

    /// What `body` makes of the file that a key names; `nil` when the key is not there.
    func contents<Value>(
        _ key: Key, _ body: (_ path: String, _ warn: (String) -> Void) throws(ConfigurationComplaint) -> Value
    ) -> Value? {
        guard let source = text(key, ConfigurationFormat<String>.path) else { return nil }
        let path = loader.resolve(source.text)
        let subject = "\(source.name): \(loader.shown(path: path, written: source.text))"
        do throws(ConfigurationComplaint) {
            return try body(path) { loader.warn("\(subject) \($0)", at: source.place) }
        } catch {
            loader.report("\(subject) \(error.text)", at: source.place)
            return nil
        }
    }

    // MARK: Below

    private func text<Value>(_ key: Key, _ format: ConfigurationFormat<Value>) -> ConfigurationText? {
        if let variable = overriding(key) { return acceptable(variable, format) }
        return nodes[key].flatMap { text($0, name(key), format) }
    }

    private func text<Value>(_ node: Node, _ name: String, _ format: ConfigurationFormat<Value>) -> ConfigurationText? {
        let place = loader.place(of: node, in: file)
        guard case .scalar(let scalar) = node else {
            loader.report("\(name) must be one value, not a list or a mapping", at: place)
            return nil
        }
        let isNull = scalar.style == .plain && ["", "~", "null"].contains(scalar.string.lowercased())
        if isNull {
            loader.report("\(name) has no value", at: place)
            return nil
        }
        return acceptable(ConfigurationText(text: scalar.string, name: name, place: place), format)
    }

    /// Refuses what no value may be, before its format is asked.
    private func acceptable<Value>(_ source: ConfigurationText, _ format: ConfigurationFormat<Value>) -> ConfigurationText? {
        let text = source.text
        if !format.allowsEmpty, text.unicodeScalars.allSatisfy(\.properties.isWhitespace) {
            loader.report("\(source.name) is empty", at: source.place)
            return nil
        }
        let isControl = { (scalar: Unicode.Scalar) in
            scalar.properties.generalCategory == .control && !(format.allowsLines && scalar == "\n")
        }
        if text.unicodeScalars.contains(where: isControl) {
            loader.report("\(source.name) must not contain line ends or control characters", at: source.place)
            return nil
        }
        return source
    }

    private func read<Value>(_ source: ConfigurationText, _ format: ConfigurationFormat<Value>) -> Value? {
        do throws(ConfigurationComplaint) {
            return try format.read(source.text)
        } catch {
            loader.report("\(source.name) \(error.text)", at: source.place)
            return nil
        }
    }

    private func elements(_ key: Key) -> [(name: String, node: Node)]? {
        guard let node = nodes[key] else { return nil }
        guard case .sequence(let sequence) = node else {
            report("must be a list", at: key)
            return nil
        }
        return sequence.enumerated().map { ("\(name(key))[\($0.offset)]", $0.element) }
    }

    private func overriding(_ key: Key) -> ConfigurationText? {
        guard Key.overridable.contains(key), let text = loader.overrides.string(forKey: configKey(key)) else { return nil }
        let variable = "WECHATPAY_" + (path.isEmpty ? "" : path + "_") + key.rawValue
        return ConfigurationText(text: text, name: name(key), place: .variable(variable.uppercased()))
    }

    private func configKey(_ key: Key) -> ConfigKey {
        ConfigKey((path.isEmpty ? [] : [path]) + [key.rawValue])
    }
}
