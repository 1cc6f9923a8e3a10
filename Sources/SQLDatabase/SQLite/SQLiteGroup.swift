import GRDB
import Synchronization

/// A unit of work that waits for the writer.
struct WriteUnit: Sendable {
    /// Runs the body. What it returns hands the result to the caller, and is called after COMMIT only.
    let run: @Sendable (any SQLTransaction) throws -> @Sendable () -> Void
    /// Hands an error to the caller.
    let fail: @Sendable (any Error) -> Void
}

/// Commits units of work, one or many to a transaction.
final class SQLiteGroup: Sendable {
    let texts = StatementTexts()
    private let commits = Atomic(0)

    var commitCount: Int { commits.load(ordering: .relaxed) }

    /// Runs and commits units in order, and hands out their results after the commit.
    func commit(_ units: [WriteUnit], on database: GRDB.Database) {
        guard units.count > 1 else {
            for unit in units { commit(unit, on: database) }
            return
        }
        do {
            try begin(database)
        } catch {
            for unit in units { unit.fail(error) }
            return
        }
        var outcomes: [Result<@Sendable () -> Void, any Error>] = []
        for (index, unit) in units.enumerated() {
            let outcome = Result { try savepoint(unit, on: database) }
            guard database.isInsideTransaction else {
                // SQLite rolled back everything (a full disk, a trigger that says so). Nobody's work is kept, nobody
                // has been told otherwise: the culprit gets its error, the others a transaction each.
                if case .failure(let error) = outcome { unit.fail(error) } else { commit(unit, on: database) }
                for (other, unit) in units.enumerated() where other != index { commit(unit, on: database) }
                return
            }
            outcomes.append(outcome)
        }
        let end = Result { try commit(database) }
        for (unit, outcome) in zip(units, outcomes) {
            switch (outcome, end) {
            case (.success(let deliver), .success): deliver()
            case (.success, .failure(let error)), (.failure(let error), _): unit.fail(error)
            }
        }
    }

    /// Runs a body and commits it in a transaction of its own.
    func commitAlone<T>(_ body: (any SQLTransaction) throws -> T, on database: GRDB.Database) throws -> T {
        try begin(database)
        do {
            let value = try SQLiteTransaction.run(database, texts, isReadOnly: false, body)
            try commit(database)
            return value
        } catch {
            try? database.rollback()
            throw error
        }
    }

    private func commit(_ unit: WriteUnit, on database: GRDB.Database) {
        do {
            try commitAlone(unit.run, on: database)()
        } catch {
            unit.fail(error)
        }
    }

    private func savepoint(_ unit: WriteUnit, on database: GRDB.Database) throws -> @Sendable () -> Void {
        try translatingGRDB { try database.cachedStatement(sql: "SAVEPOINT unit").execute() }
        do {
            let deliver = try SQLiteTransaction.run(database, texts, isReadOnly: false, unit.run)
            try translatingGRDB { try database.cachedStatement(sql: "RELEASE unit").execute() }
            return deliver
        } catch {
            // After a rollback of everything there is no savepoint any more; the caller of this function looks.
            if database.isInsideTransaction {
                do {
                    try database.cachedStatement(sql: "ROLLBACK TO unit").execute()
                    try database.cachedStatement(sql: "RELEASE unit").execute()
                } catch {
                    try? database.rollback()
                }
            }
            throw error
        }
    }

    private func begin(_ database: GRDB.Database) throws {
        // Immediate: a lock that is asked for at the first change could not be waited for.
        try translatingGRDB { try database.beginTransaction(.immediate) }
    }

    private func commit(_ database: GRDB.Database) throws {
        do {
            try translatingGRDB { try database.commit() }
        } catch {
            try? database.rollback()
            throw DatabaseError(
                .commitUnknown,
                "COMMIT failed, so nobody knows whether the change is durable; read it again by its key: \(error)",
                underlying: error)
        }
        commits.add(1, ordering: .relaxed)
    }
}
