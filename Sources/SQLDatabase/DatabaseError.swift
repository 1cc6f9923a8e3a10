/// Why the database did not do what it was asked.
///
/// Equality compares the code alone. No description contains a value: an SQL text carries its values as `$n`.
package struct DatabaseError: Error, Sendable {
    /// The kind of failure.
    package let code: Code
    /// What happened, to which table and column, and what to do next.
    package let message: String
    /// The statement at fault, without its values.
    package let sql: String?
    /// The error below this one, if there was one.
    package let underlying: (any Error)?
    /// Where the error was made.
    package let file: String
    /// Where the error was made.
    package let line: Int

    /// An error of a kind, with words.
    package init(
        _ code: Code, _ message: String, sql: String? = nil, underlying: (any Error)? = nil, file: String = #fileID,
        line: Int = #line
    ) {
        self.code = code
        self.message = message
        self.sql = sql
        self.underlying = underlying
        self.file = file
        self.line = line
    }

    /// The kind of failure.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String {
            case constraint, busy, commitUnknown, closed, misuse, statement, storage, decoding, migration, open, url, unreachable
        }

        private let kind: Kind
        private init(_ kind: Kind) { self.kind = kind }
        package var description: String { kind.rawValue }

        /// A constraint or a trigger of the schema refused a row; nothing happened.
        package static let constraint = Code(.constraint)
        /// Another process held the database for too long; nothing happened, and it may be tried again.
        package static let busy = Code(.busy)
        /// COMMIT failed: whether the unit is durable is not known. Read it again by its key.
        package static let commitUnknown = Code(.commitUnknown)
        /// The database was closed before the unit was handed in; nothing happened.
        package static let closed = Code(.closed)
        /// The caller broke a rule of the seam: wrong number of arguments, transaction control, a write in a read.
        package static let misuse = Code(.misuse)
        /// The engine does not understand a statement, or could not run it.
        package static let statement = Code(.statement)
        /// The disk is full, broken or read-only, or the file is damaged.
        package static let storage = Code(.storage)
        /// A column does not exist or does not hold what was expected.
        package static let decoding = Code(.decoding)
        /// The schema and this program do not fit together, or a migration failed; it left nothing behind.
        package static let migration = Code(.migration)
        /// The database could not be opened.
        package static let open = Code(.open)
        /// A text is not the address of a database.
        package static let url = Code(.url)
        /// The server that has the database cannot be reached, or went away; nothing happened, and it may be tried again.
        package static let unreachable = Code(.unreachable)
    }
}

extension DatabaseError: Equatable {
    package static func == (left: DatabaseError, right: DatabaseError) -> Bool { left.code == right.code }

    /// For `#expect(throws: DatabaseError.constraint)`.
    package static var constraint: DatabaseError { DatabaseError(.constraint, "") }
    /// For `#expect(throws: DatabaseError.busy)`.
    package static var busy: DatabaseError { DatabaseError(.busy, "") }
    /// For `#expect(throws: DatabaseError.commitUnknown)`.
    package static var commitUnknown: DatabaseError { DatabaseError(.commitUnknown, "") }
    /// For `#expect(throws: DatabaseError.closed)`.
    package static var closed: DatabaseError { DatabaseError(.closed, "") }
    /// For `#expect(throws: DatabaseError.unreachable)`.
    package static var unreachable: DatabaseError { DatabaseError(.unreachable, "") }
    /// For `#expect(throws: DatabaseError.misuse)`.
    package static var misuse: DatabaseError { DatabaseError(.misuse, "") }
    /// For `#expect(throws: DatabaseError.statement)`.
    package static var statement: DatabaseError { DatabaseError(.statement, "") }
    /// For `#expect(throws: DatabaseError.decoding)`.
    package static var decoding: DatabaseError { DatabaseError(.decoding, "") }
    /// For `#expect(throws: DatabaseError.migration)`.
    package static var migration: DatabaseError { DatabaseError(.migration, "") }
}

extension DatabaseError: CustomStringConvertible {
    package var description: String {
        var text = "\(code): \(message)"
        if let sql { text += " [\(sql.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(200))]" }
        return text
    }
}
