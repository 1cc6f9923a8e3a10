package import PaymentPrimitives

/// Brings a database to the schema of this program, and refuses one that it does not know.
///
/// A database has one migrator with all the migrations of all its users: what the list does not contain counts as the
/// work of a newer program. Each migration is one transaction, and what is done is read again inside it, so two
/// processes may start at once.
package struct Migrator: Sendable {
    private let migrations: [Migration]
    private let clock: any WallClock

    /// A migrator of a list, applied in the order of the ids. `clock` gives `applied_at`.
    package init(_ migrations: [Migration], clock: any WallClock) {
        self.migrations = migrations.sorted { $0.id < $1.id }
        self.clock = clock
    }

    /// Applies what is missing.
    ///
    /// - Returns: the names of the migrations that this call applied, in order.
    /// - Throws: ``DatabaseError`` `.migration` when a migration failed (those before it stay), was edited after it was
    ///   applied, or is unknown to this program.
    package func migrate(_ database: any Database) async throws -> [String] {
        var applied: [String] = []
        while let name = try await applyNext(database) { applied.append(name) }
        return applied
    }

    /// The names of the migrations that are missing, in order. Changes nothing.
    ///
    /// - Throws: ``DatabaseError`` `.migration` as ``migrate(_:)`` does.
    package func pending(_ database: any Database) async throws -> [String] {
        let dialect = database.dialect
        return try await database.read { [self] transaction in
            let isNew = try transaction.queryOne(dialect.tableExists, "schema_migrations") == nil
            return try missing(isNew ? nil : transaction, dialect).map(\.name)
        }
    }

    private func applyNext(_ database: any Database) async throws -> String? {
        let dialect = database.dialect
        let now = clock.now
        return try await database.write("") { [self] transaction in
            for lock in dialect.migrationLock { _ = try transaction.query(lock) }
            try transaction.execute(
                dialect.schema(
                    """
                    CREATE TABLE IF NOT EXISTS schema_migrations (
                        id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)
                    """))
            guard let next = try missing(transaction, dialect).first else { return nil }
            do {
                for statement in next.statements(dialect) { try transaction.execute(dialect.schema(statement)) }
            } catch {
                throw DatabaseError(
                    .migration, "migration \(next.id) (\(next.name)) failed and left nothing behind: \(error)", underlying: error)
            }
            try transaction.execute(
                "INSERT INTO schema_migrations (id, name, checksum, applied_at) VALUES ($1, $2, $3, $4)",
                .integer(next.id), .text(next.name), .text(next.checksum(dialect)), SQLValue(now))
            return next.name
        }
    }

    /// What is not applied yet, after a look at what is; `transaction` is `nil` where nothing can be.
    private func missing(_ transaction: (any SQLTransaction)?, _ dialect: Dialect) throws -> [Migration] {
        let known = Dictionary(migrations.map { ($0.id, $0) }) { first, _ in first }
        guard known.count == migrations.count else {
            throw DatabaseError(.migration, "two migrations of this program have the same id")
        }
        var applied: Set<Int64> = []
        for row in try transaction?.query("SELECT id, name, checksum FROM schema_migrations ORDER BY id") ?? [] {
            let id = try row.integer("id")
            let name = try row.text("name")
            guard let migration = known[id] else {
                throw DatabaseError(
                    .migration,
                    "the database is newer than this program: it has migration \(id) (\(name)); use the program that made it")
            }
            guard try row.text("checksum") == migration.checksum(dialect) else {
                throw DatabaseError(
                    .migration, "migration \(id) (\(name)) was changed after it was applied; undo that and add a new migration")
            }
            applied.insert(id)
        }
        return migrations.filter { !applied.contains($0.id) }
    }
}
