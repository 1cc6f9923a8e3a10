/// How texts of the file are shown in a message.
enum ConfigurationName {
    /// A key as it was written. One that looks like no key may be a secret in the wrong place and is not shown.
    static func quoted(key: String) -> String {
        let isPlain = key.utf8.count < 32 && key.unicodeScalars.allSatisfy { ConfigurationCharacters.identifier.contains($0) }
        return isPlain ? "key \"\(key)\"" : "a key of \(key.count) characters"
    }

    /// A value as it was written, for ", not …" at the end of a message; a long one may be a secret and is not shown.
    static func quoted(value: String) -> String {
        value.count <= 20 ? "\"\(value)\"" : "a text of \(value.count) characters"
    }
}
