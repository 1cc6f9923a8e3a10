/// All that the engines cannot share: one value per engine, one list to read.
package struct Dialect: Sendable {
    /// The engine's name, for people.
    package let name: String
    /// The type of a column of bytes.
    package let blobType: String
    /// What follows the name of a column that numbers its rows itself, upwards, never reusing a number, and is the
    /// table's primary key.
    package let identityColumn: String
    /// What follows a `SELECT` whose rows this process takes for itself, so that another process takes others.
    package let claimSuffix: String
    /// Queries that make a migrating transaction wait for another one.
    package let migrationLock: [String]
    /// A query that has a row when the table `$1` exists.
    package let tableExists: String

    private let appendOnly: @Sendable (_ table: String) -> [String]

    /// Statements that make a table refuse every UPDATE and DELETE.
    package func appendOnly(_ table: String) -> [String] { appendOnly(table) }
}

extension Dialect {
    /// SQLite 3.35 or later, for `RETURNING`. It has one writer, so neither claims nor migrations need a lock.
    package static let sqlite = Dialect(
        name: "SQLite",
        blobType: "BLOB",
        identityColumn: "INTEGER PRIMARY KEY AUTOINCREMENT",
        claimSuffix: "",
        migrationLock: [],
        tableExists: "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1",
        appendOnly: { table in
            ["UPDATE", "DELETE"].map { verb in
                """
                CREATE TRIGGER \(table)_no_\(verb.lowercased()) BEFORE \(verb) ON \(table)
                BEGIN SELECT RAISE(ABORT, '\(table) is append-only: no \(verb)'); END
                """
            }
        })
}
