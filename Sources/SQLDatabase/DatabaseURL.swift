/// The address of a database, as configuration and command line write it.
package enum DatabaseURL: Sendable, Hashable {
    /// A file, by absolute or relative path, or `:memory:`.
    case sqlite(path: String)
    /// A database of a PostgreSQL server, or of several that stand in for each other.
    case postgresql(PostgreSQLAddress)

    /// Reads `sqlite:///absolute/path`, `sqlite:relative.sqlite` or `sqlite::memory:`. The path is taken as it stands.
    /// `postgresql://` and `postgres://` are read by libpq.
    ///
    /// - Throws: ``DatabaseError`` `.url`. Only the scheme is repeated
    ///   in the message: the rest may hold a password.
    package init(_ text: String) throws(DatabaseError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        switch (parts.first?.lowercased(), parts.count) {
        case ("postgresql", 2), ("postgres", 2):
            self = .postgresql(try PostgreSQLAddress(text))
        case ("sqlite", 2):
            self = .sqlite(path: try Self.path(String(parts[1])))
        case (let scheme?, 2):
            throw DatabaseError(.url, "\"\(scheme.prefix(20)):\" is not a kind of database; \(Self.forms)")
        default:
            throw DatabaseError(.url, "a database address starts with its kind; \(Self.forms)")
        }
    }

    private static let forms =
        "write sqlite:///absolute/path.sqlite, sqlite:relative.sqlite, sqlite::memory: or postgresql://user:password@host/name"

    private static func path(_ rest: String) throws(DatabaseError) -> String {
        guard !rest.contains("?") else { throw DatabaseError(.url, "a SQLite address has no options; \(forms)") }
        guard rest.hasPrefix("//") else {
            guard !rest.isEmpty else { throw DatabaseError(.url, "the path is missing; \(forms)") }
            return rest
        }
        let path = String(rest.dropFirst(2))
        guard path.hasPrefix("/"), path.count > 1 else {
            throw DatabaseError(.url, "after sqlite:// there is a third slash and an absolute path; \(forms)")
        }
        return path
    }
}

extension DatabaseURL {
    /// Opens the database with the engine of its kind.
    ///
    /// - Throws: ``DatabaseError`` as ``SQLiteDatabase`` and ``PostgreSQLDatabase`` do.
    package func open() async throws -> any Database {
        switch self {
        case .sqlite(let path): try SQLiteDatabase.open(path: path)
        case .postgresql(let address): try await PostgreSQLDatabase.open(address)
        }
    }
}
