package import PaymentPrimitives

/// A value in a column: the three types that every engine has, and NULL.
package enum SQLValue: Sendable, Hashable {
    case null
    /// BIGINT: 64 bits with a sign.
    case integer(Int64)
    /// TEXT in UTF-8. SQLite keeps U+0000 inside a text; PostgreSQL has no such character.
    case text(String)
    /// BLOB or BYTEA.
    case blob([UInt8])
}

extension SQLValue {
    /// An integer, or NULL.
    package init(_ value: Int64?) { self = value.map { .integer($0) } ?? .null }
    /// An integer, or NULL.
    package init(_ value: Int?) { self = value.map { .integer(Int64($0)) } ?? .null }
    /// 1 or 0, or NULL.
    package init(_ value: Bool?) { self = value.map { .integer($0 ? 1 : 0) } ?? .null }
    /// A text, or NULL.
    package init(_ value: String?) { self = value.map { .text($0) } ?? .null }
    /// Bytes, or NULL.
    package init(_ value: [UInt8]?) { self = value.map { .blob($0) } ?? .null }
    /// A moment as milliseconds since 1970-01-01T00:00:00Z, or NULL.
    package init(_ value: Timestamp?) { self = value.map { .integer($0.milliseconds) } ?? .null }
}

extension SQLValue: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByNilLiteral {
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(stringLiteral value: String) { self = .text(value) }
    package init(nilLiteral: ()) { self = .null }
}

extension SQLValue {
    /// What kind of value this is, for messages: never the value itself.
    var kind: String {
        switch self {
        case .null: "NULL"
        case .integer: "an integer"
        case .text: "a text"
        case .blob: "a blob"
        }
    }
}
