import CSQLite
import Foundation

/// What the measurements need of SQLite, by hand.
enum SQLite {
    /// Durable transactions of one row a second, one after the other: what the disk allows a writer that groups nothing.
    static func durableCommitsPerSecond(in folder: String, seconds: Double = 0.5) throws -> Double {
        let path = folder + "/commits.sqlite"
        defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) } }
        return try with(path) { database in
            try run(database, "PRAGMA journal_mode = WAL")
            try run(database, "PRAGMA synchronous = FULL")
            try run(database, "CREATE TABLE rows (id INTEGER PRIMARY KEY, value TEXT NOT NULL)")
            var statement: OpaquePointer?
            guard sqlite3_prepare_v2(database, "INSERT INTO rows (value) VALUES ('paid')", -1, &statement, nil) == SQLITE_OK
            else { throw failure(database) }
            defer { sqlite3_finalize(statement) }
            let start = ContinuousClock.now
            var count = 0
            while start.duration(to: .now) < .seconds(seconds) {
                guard sqlite3_step(statement) == SQLITE_DONE, sqlite3_reset(statement) == SQLITE_OK else {
                    throw failure(database)
                }
                count += 1
            }
            return Double(count) / (start.duration(to: .now) / .seconds(1))
        }
    }

    /// The one number that a query gives.
    static func number(_ sql: String, in path: String) throws -> Int {
        try with(path) { database in
            var statement: OpaquePointer?
            guard sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK else { throw failure(database) }
            defer { sqlite3_finalize(statement) }
            guard sqlite3_step(statement) == SQLITE_ROW else { throw failure(database) }
            return Int(sqlite3_column_int64(statement, 0))
        }
    }

    private static func with<Value>(_ path: String, _ body: (OpaquePointer) throws -> Value) throws -> Value {
        var database: OpaquePointer?
        defer { sqlite3_close(database) }
        guard sqlite3_open(path, &database) == SQLITE_OK, let database else {
            throw BenchmarkFailure("\(path) cannot be opened")
        }
        return try body(database)
    }

    private static func run(_ database: OpaquePointer, _ sql: String) throws {
        guard sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK else { throw failure(database) }
    }

    private static func failure(_ database: OpaquePointer) -> BenchmarkFailure {
        BenchmarkFailure("SQLite: \(String(cString: sqlite3_errmsg(database)))")
    }
}
