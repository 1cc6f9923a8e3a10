extension KeyedDecodingContainer {
    /// A text; WeChat writes absent ones as nothing, `null` or `""`.
    func text(_ key: Key) throws -> String? {
        let text = try decodeIfPresent(String.self, forKey: key)
        return text?.isEmpty == false ? text : nil
    }

    /// A text that must be there.
    func requiredText(_ key: Key) throws -> String {
        let text = try decode(String.self, forKey: key)
        guard !text.isEmpty else {
            throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: "empty")
        }
        return text
    }

    /// A time in RFC 3339; Beijing time when it has no zone.
    func time(_ key: Key) throws -> Timestamp? {
        guard let text = try text(key) else { return nil }
        guard let time = Timestamp(rfc3339: text) else {
            throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: "not an RFC 3339 time")
        }
        return time
    }
}
