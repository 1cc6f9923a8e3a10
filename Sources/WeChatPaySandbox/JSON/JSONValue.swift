import PaymentPrimitives

/// A JSON value as it stood in the text: fields in their order, numbers as their own characters.
///
/// The sandbox has a JSON of its own, so that a mistake in the SDK's cannot pass on both sides, and because it must name
/// each wrong field with its pointer, as WeChat does.
indirect enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// The characters of the number.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    struct Member: Hashable, Sendable {
        let name: String
        let value: JSONValue
    }

    /// An object without the fields whose value is `nil`.
    static func record(_ members: (String, JSONValue?)...) -> JSONValue {
        .object(members.compactMap { name, value in value.map { Member(name: name, value: $0) } })
    }

    static func text(_ text: String?) -> JSONValue? { text.map(JSONValue.string) }
    static func integer(_ value: some BinaryInteger) -> JSONValue { .number(String(value)) }
    static func time(_ moment: Timestamp?) -> JSONValue? { moment.map { .string($0.rfc3339) } }

    subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    var array: [JSONValue]? {
        guard case .array(let values) = self else { return nil }
        return values
    }

    var members: [Member]? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    /// The value of a number that is written as a whole one: `1.0` and `1e2` are not.
    var int64: Int64? {
        guard case .number(let token) = self, !token.contains(where: { ".eE".contains($0) }) else { return nil }
        return Int64(token)
    }

    /// The object with one field set: in its old place, or behind the others.
    func setting(_ name: String, to value: JSONValue) -> JSONValue {
        guard case .object(var members) = self else { return self }
        if let index = members.firstIndex(where: { $0.name == name }) {
            members[index] = Member(name: name, value: value)
        } else {
            members.append(Member(name: name, value: value))
        }
        return .object(members)
    }

    /// The same value with the fields of every object in the order of their names.
    var sorted: JSONValue {
        switch self {
        case .object(let members):
            .object(
                members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
                    .map { Member(name: $0.name, value: $0.value.sorted) })
        case .array(let values): .array(values.map(\.sorted))
        default: self
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByBooleanLiteral {
    init(stringLiteral value: String) { self = .string(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
}
