internal import CLibPQ

/// SQL on one connection, inside a transaction that somebody else begins and ends.
final class PostgreSQLTransaction: SQLTransaction {
    private let connection: PostgreSQLConnection
    private let texts: StatementTexts
    private let isReadOnly: Bool
    private var isOpen = true
    private var failure: DatabaseError?

    private init(_ connection: PostgreSQLConnection, _ texts: StatementTexts, isReadOnly: Bool) {
        self.connection = connection
        self.texts = texts
        self.isReadOnly = isReadOnly
    }

    /// Runs a body. A failed statement fails it, even if the body swallows the error: the transaction is lost.
    static func run<T>(
        _ connection: PostgreSQLConnection, _ texts: StatementTexts, isReadOnly: Bool,
        _ body: (any SQLTransaction) throws -> T
    ) throws -> T {
        let transaction = PostgreSQLTransaction(connection, texts, isReadOnly: isReadOnly)
        defer { transaction.isOpen = false }
        do {
            let value = try body(transaction)
            if let failure = transaction.failure { throw failure }
            return value
        } catch {
            // A body that makes another error of it hides from nobody that it may be tried again.
            if let failure = transaction.failure, connection.obstacle != nil { throw failure }
            throw error
        }
    }

    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        try perform(sql, arguments) { result in
            guard let tag = PQcmdStatus(result).map({ String(cString: $0) }), !tag.hasPrefix("SELECT") else { return 0 }
            return PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
        }
    }

    func query(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow] {
        try perform(sql, arguments) { result in
            let positions = 0..<PQnfields(result)
            let columns = positions.map { PQfname(result, $0).map { String(cString: $0) } ?? "" }
            return try (0..<PQntuples(result)).map { row in
                SQLRow(columns: columns, values: try positions.map { try value(result, row, $0, columns) })
            }
        }
    }

    private func perform<T>(_ sql: String, _ arguments: [SQLValue], _ work: (OpaquePointer) throws -> T) throws -> T {
        guard isOpen else {
            throw DatabaseError(.misuse, "the transaction is over: it is valid only inside the body", sql: sql)
        }
        if let failure { throw failure }
        do {
            let text = try texts.text(sql)
            guard arguments.count == text.parameterCount else {
                throw DatabaseError(
                    .misuse, "\(arguments.count) arguments for a statement that takes \(text.parameterCount)", sql: sql)
            }
            return try connection.perform(text, arguments, sql: sql, isReadOnly: isReadOnly, work)
        } catch let error as DatabaseError {
            failure = error
            throw error
        }
    }

    private func value(_ result: OpaquePointer, _ row: Int32, _ column: Int32, _ columns: [String]) throws -> SQLValue {
        guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else { return .null }
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, column)))
        switch PQftype(result, column) {
        case PostgreSQLType.bigint, PostgreSQLType.integer, PostgreSQLType.smallint:
            // The first byte has the sign.
            let sign: Int64 = (bytes.first ?? 0) & 0x80 == 0 ? 0 : -1
            return .integer(bytes.reduce(sign) { $0 << 8 | Int64($1) })
        case PostgreSQLType.bool, PostgreSQLType.oid: return .integer(bytes.reduce(0) { $0 << 8 | Int64($1) })
        case PostgreSQLType.text, PostgreSQLType.varchar, PostgreSQLType.bpchar, PostgreSQLType.name, PostgreSQLType.unknown:
            return .text(String(decoding: bytes, as: UTF8.self))
        case PostgreSQLType.bytea: return .blob(Array(bytes))
        case PostgreSQLType.void: return .null
        case let type:
            throw DatabaseError(
                .decoding,
                "column \(columns[Int(column)]) holds type \(type), which is none of BIGINT, TEXT and BYTEA: write a CAST")
        }
    }
}
