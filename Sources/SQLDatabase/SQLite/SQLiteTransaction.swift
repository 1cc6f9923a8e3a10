import GRDB
import GRDBSQLite

/// SQL on one SQLite connection, inside a transaction that somebody else begins and ends.
///
/// GRDB prepares and keeps the statements; values and rows go through SQLite's own functions. GRDB's would cost more
/// allocations a statement, and end a text at its first NUL.
final class SQLiteTransaction: SQLTransaction {
    private let database: GRDB.Database
    private let texts: StatementTexts
    private let isReadOnly: Bool
    private var isOpen = true
    private var failure: DatabaseError?

    private init(_ database: GRDB.Database, _ texts: StatementTexts, isReadOnly: Bool) {
        self.database = database
        self.texts = texts
        self.isReadOnly = isReadOnly
    }

    /// Runs a body. A failed statement fails it, even if the body swallows the error: elsewhere the transaction would
    /// be lost, so here it is too.
    static func run<T>(
        _ database: GRDB.Database, _ texts: StatementTexts, isReadOnly: Bool, _ body: (any SQLTransaction) throws -> T
    ) throws -> T {
        let transaction = SQLiteTransaction(database, texts, isReadOnly: isReadOnly)
        defer { transaction.isOpen = false }
        let value = try body(transaction)
        if let failure = transaction.failure { throw failure }
        return value
    }

    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        try perform(sql, arguments) { text, statement in
            while try step(statement, sql) {}
            guard text.countsChanges, sqlite3_stmt_readonly(statement) == 0 else { return 0 }
            return database.changesCount
        }
    }

    func query(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow] {
        try perform(sql, arguments) { _, statement in
            guard try step(statement, sql) else { return [] }
            let count = sqlite3_column_count(statement)
            let columns = (0..<count).map { column in
                sqlite3_column_name(statement, column).map { String(cString: $0) } ?? ""
            }
            var rows: [SQLRow] = []
            repeat {
                var values: [SQLValue] = []
                values.reserveCapacity(Int(count))
                for column in 0..<count { values.append(try value(statement, column, columns)) }
                rows.append(SQLRow(columns: columns, values: values))
            } while try step(statement, sql)
            return rows
        }
    }

    private func perform<T>(
        _ sql: String, _ arguments: [SQLValue], _ work: (StatementText, OpaquePointer) throws -> T
    ) throws -> T {
        guard isOpen else {
            throw DatabaseError(.misuse, "the transaction is over: it is valid only inside the body", sql: sql)
        }
        if let failure { throw failure }
        do {
            let text = try texts.text(sql)
            let statement = try prepare(text, sql)
            guard sqlite3_bind_parameter_count(statement) == Int32(text.parameterCount) else {
                throw DatabaseError(.misuse, "parameters are written $1, $2 …", sql: sql)
            }
            guard arguments.count == text.parameterCount else {
                throw DatabaseError(
                    .misuse, "\(arguments.count) arguments for a statement that takes \(text.parameterCount)", sql: sql)
            }
            guard !isReadOnly || sqlite3_stmt_readonly(statement) != 0 else {
                throw DatabaseError(.misuse, "a read may not change the database", sql: sql)
            }
            defer {
                sqlite3_reset(statement)
                sqlite3_clear_bindings(statement)
            }
            for (index, argument) in arguments.enumerated() {
                try check(bind(argument, to: statement, at: Int32(index + 1)), sql)
            }
            return try work(text, statement)
        } catch let error as DatabaseError {
            failure = error
            throw error
        }
    }

    private func prepare(_ text: StatementText, _ sql: String) throws -> OpaquePointer {
        do {
            return try database.cachedStatement(sql: text.sql).sqliteStatement
        } catch let error as GRDB.DatabaseError {
            throw DatabaseError(error, sql: sql)
        }
    }

    /// Whether there is a row.
    private func step(_ statement: OpaquePointer, _ sql: String) throws -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw DatabaseError(sqlite: code, database.sqliteMessage, sql: sql)
        }
    }

    private func check(_ code: Int32, _ sql: String) throws {
        guard code == SQLITE_OK else { throw DatabaseError(sqlite: code, database.sqliteMessage, sql: sql) }
    }

    private func bind(_ value: SQLValue, to statement: OpaquePointer, at index: Int32) -> Int32 {
        // SQLITE_TRANSIENT, a macro that Swift does not see: SQLite takes a copy.
        let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
        case .null: return sqlite3_bind_null(statement, index)
        case .integer(let integer): return sqlite3_bind_int64(statement, index, integer)
        case .text(var text):
            return text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { characters in
                    // Without an address SQLite would take the empty text for NULL.
                    guard let start = characters.baseAddress else { return sqlite3_bind_text(statement, index, "", 0, copied) }
                    return sqlite3_bind_text64(statement, index, start, UInt64(bytes.count), copied, UInt8(SQLITE_UTF8))
                }
            }
        case .blob(let blob):
            guard !blob.isEmpty else { return sqlite3_bind_zeroblob(statement, index, 0) }
            return blob.withUnsafeBytes { sqlite3_bind_blob64(statement, index, $0.baseAddress, UInt64($0.count), copied) }
        }
    }

    private func value(_ statement: OpaquePointer, _ column: Int32, _ columns: [String]) throws -> SQLValue {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_NULL: return .null
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, column))
        case SQLITE_TEXT:
            // The address before the length: asking for the text may convert it.
            let start = sqlite3_column_text(statement, column)
            let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
            return .text(String(decoding: bytes, as: UTF8.self))
        case SQLITE_BLOB:
            let start = sqlite3_column_blob(statement, column)
            return .blob(Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))))
        default:
            throw DatabaseError(.decoding, "column \(columns[Int(column)]) holds a floating-point number")
        }
    }
}

extension GRDB.Database {
    /// The connection's last error in SQLite's words, which name tables and columns but no values.
    fileprivate var sqliteMessage: String {
        sqlite3_errmsg(sqliteConnection).map { String(cString: $0) } ?? "unknown error"
    }
}
