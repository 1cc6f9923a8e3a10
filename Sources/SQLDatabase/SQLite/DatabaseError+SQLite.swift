import GRDB
import GRDBSQLite

extension DatabaseError {
    /// SQLite's result code in the words of the seam.
    init(sqlite result: Int32, _ message: String, sql: String?, file: String = #fileID, line: Int = #line) {
        let code: Code =
            switch result & 0xFF {
            case SQLITE_CONSTRAINT: .constraint
            case SQLITE_BUSY, SQLITE_LOCKED: .busy
            case SQLITE_MISUSE: .misuse
            case SQLITE_IOERR, SQLITE_FULL, SQLITE_CORRUPT, SQLITE_CANTOPEN, SQLITE_NOTADB, SQLITE_READONLY, SQLITE_NOMEM,
                SQLITE_PERM:
                .storage
            default: .statement
            }
        self.init(code, "\(message) (SQLite \(result))", sql: sql, file: file, line: line)
    }

    /// What GRDB reports, without what it may know of values.
    init(_ error: GRDB.DatabaseError, sql: String? = nil, file: String = #fileID, line: Int = #line) {
        self.init(
            sqlite: error.extendedResultCode.rawValue, error.message ?? "unknown error", sql: sql, file: file, line: line)
    }
}
