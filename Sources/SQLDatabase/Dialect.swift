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

    /// What is said after the type of a column of text, so that texts have the same order everywhere: that of their bytes.
    private let textOrder: String
    private let appendOnly: @Sendable (_ table: String) -> [String]

    /// Statements that make a table refuse every UPDATE and DELETE.
    package func appendOnly(_ table: String) -> [String] { appendOnly(table) }

    /// A statement that makes or widens tables, as this engine wants it.
    ///
    /// Pages are read with `id < $1 ORDER BY id DESC`: under a collation of a language that would be another order.
    func schema(_ statement: String) -> String {
        let isTable = statement.hasPrefix("CREATE TABLE") || statement.hasPrefix("ALTER TABLE")
        guard isTable, !textOrder.isEmpty else { return statement }
        return statement.split(separator: " TEXT", omittingEmptySubsequences: false).joined(separator: " TEXT" + textOrder)
    }
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
        textOrder: "",
        appendOnly: { table in
            ["UPDATE", "DELETE"].map { verb in
                """
                CREATE TRIGGER \(table)_no_\(verb.lowercased()) BEFORE \(verb) ON \(table)
                BEGIN SELECT RAISE(ABORT, '\(table) is append-only: no \(verb)'); END
                """
            }
        })

    /// PostgreSQL 15 or later.
    package static let postgresql = Dialect(
        name: "PostgreSQL",
        blobType: "BYTEA",
        identityColumn: "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        claimSuffix: " FOR UPDATE SKIP LOCKED",
        // Another server's migration takes longer than a unit waits. What waits for tables after it must not: all who come
        // later would stand behind it.
        migrationLock: [
            "SELECT set_config('wechatpay.lock_timeout', current_setting('lock_timeout'), true)",
            "SELECT set_config('lock_timeout', '120s', true)",
            "SELECT pg_advisory_xact_lock(8443262073270593)",
            "SELECT set_config('lock_timeout', current_setting('wechatpay.lock_timeout'), true)",
        ],
        tableExists: "SELECT 1 WHERE to_regclass($1) IS NOT NULL",
        textOrder: " COLLATE \"C\"",
        appendOnly: { table in
            [
                """
                CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN RAISE EXCEPTION ''% is append-only: no %'', TG_TABLE_NAME, TG_OP USING ERRCODE = ''restrict_violation''; END'
                """,
                """
                CREATE TRIGGER \(table)_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON \(table)
                FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
                """,
            ]
        })
}
