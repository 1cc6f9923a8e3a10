internal import CLibPQ

/// One connection of libpq with the statements that it has prepared. Its functions block; one thread at a time uses it.
final class PostgreSQLConnection {
    /// What stands in the way of a unit that failed, and what to do about it.
    enum Obstacle {
        /// Another transaction was first; again on the same connection.
        case conflict
        /// The server has gone, or may no longer write; again on a new connection.
        case lost
    }

    /// More than a program has; one that builds statements out of data must not fill the server.
    private static let mostStatements = 256

    private struct Prepared {
        let name: String
        /// The type of each parameter, as the server has understood it.
        let types: [Oid]
    }

    let connection: OpaquePointer
    private var prepared: [String: [Prepared]] = [:]
    private var preparedCount = 0
    private var isStale = false
    /// Why the last statement failed, where trying again makes sense.
    private(set) var obstacle: Obstacle?

    init(_ connection: OpaquePointer) {
        self.connection = connection
    }

    func close() { PQfinish(connection) }

    /// Whether another unit may use it.
    var isUsable: Bool { PQstatus(connection) == CONNECTION_OK && PQtransactionStatus(connection) == PQTRANS_IDLE }

    var connectionMessage: String {
        PQerrorMessage(connection).map { String(cString: $0).split(whereSeparator: \.isNewline).joined(separator: " ") }
            ?? "unknown error"
    }

    // MARK: A unit

    /// Runs a body and commits it.
    func transaction<T>(isReadOnly: Bool, _ texts: StatementTexts, _ body: (any SQLTransaction) throws -> T) throws -> T {
        obstacle = nil
        if isStale || preparedCount > Self.mostStatements {
            try command("DEALLOCATE ALL")
            (prepared, preparedCount, isStale) = ([:], 0, false)
        }
        try command(
            isReadOnly ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
            isBegin: true)
        do {
            let value = try PostgreSQLTransaction.run(self, texts, isReadOnly: isReadOnly, body)
            if isReadOnly { try command("COMMIT") } else { try commit() }
            return value
        } catch {
            // What became of COMMIT is told by the error; a rollback after it does nothing.
            if PQtransactionStatus(connection) != PQTRANS_IDLE { PQclear(PQexec(connection, "ROLLBACK")) }
            throw error
        }
    }

    /// Refused by a server that goes on answering, a unit has not happened. Whatever else is no "COMMIT" is not known.
    private func commit() throws {
        let result = PQexec(connection, "COMMIT")
        defer { PQclear(result) }
        if PQresultStatus(result) == PGRES_COMMAND_OK {
            guard let tag = PQcmdStatus(result), String(cString: tag) == "COMMIT" else {
                throw DatabaseError(.statement, "PostgreSQL rolled the unit back at its COMMIT")
            }
            return
        }
        let error = failure(result, sql: "COMMIT", isWrite: true)
        guard PQstatus(connection) == CONNECTION_OK, field(result, .severity) == "ERROR" else {
            obstacle = nil
            throw DatabaseError(
                .commitUnknown,
                "COMMIT was not answered, so nobody knows whether the change is durable; read it again by its key: \(error)",
                underlying: error)
        }
        throw error
    }

    /// Runs a statement of the engine's own.
    func command(_ sql: String, isBegin: Bool = false) throws {
        let result = PQexec(connection, sql)
        defer { PQclear(result) }
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK: return
        default: throw failure(result, sql: sql, isWrite: isBegin)
        }
    }

    // MARK: Statements

    /// Runs a statement and hands over its result.
    func perform<T>(
        _ text: StatementText, _ arguments: [SQLValue], sql: String, isReadOnly: Bool, _ work: (OpaquePointer) throws -> T
    ) throws -> T {
        for case .text(let value) in arguments where value.utf8.contains(0) {
            throw DatabaseError(.statement, "a text holds U+0000, which PostgreSQL cannot keep", sql: sql)
        }
        let result = try PostgreSQLArguments(arguments).withPointers { values, lengths, formats in
            guard text.isWorthPreparing else {
                return PQexecParams(
                    connection, sql, Int32(arguments.count), arguments.map(\.oid), values, lengths, formats, 1)
            }
            let statement = try statement(for: arguments, sql, isReadOnly: isReadOnly)
            return PQexecPrepared(connection, statement.name, Int32(arguments.count), values, lengths, formats, 1)
        }
        defer { PQclear(result) }
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
            guard let result else { break }
            return try work(result)
        default: break
        }
        throw failure(result, sql: sql, isWrite: !isReadOnly)
    }

    /// The statement in a form that takes these values: NULL fits every type, so it does not ask for another form.
    private func statement(for arguments: [SQLValue], _ sql: String, isReadOnly: Bool) throws -> Prepared {
        let known = prepared[sql] ?? []
        if let fitting = known.first(where: { zip(arguments, $0.types).allSatisfy { $0 == .null || $0.oid == $1 } }) {
            return fitting
        }
        let name = "s\(preparedCount)"
        let made = PQprepare(connection, name, sql, Int32(arguments.count), arguments.map(\.oid))
        defer { PQclear(made) }
        guard PQresultStatus(made) == PGRES_COMMAND_OK else { throw failure(made, sql: sql, isWrite: !isReadOnly) }
        preparedCount += 1
        let described = PQdescribePrepared(connection, name)
        defer { PQclear(described) }
        guard PQresultStatus(described) == PGRES_COMMAND_OK else { throw failure(described, sql: sql, isWrite: !isReadOnly) }
        let statement = Prepared(name: name, types: (0..<PQnparams(described)).map { PQparamtype(described, $0) })
        prepared[sql] = known + [statement]
        return statement
    }

    private func failure(_ result: OpaquePointer?, sql: String, isWrite: Bool) -> DatabaseError {
        let state = field(result, .sqlState) ?? ""
        switch state {
        case "40001", "40P01": obstacle = .conflict
        case "0A000" where field(result, .sourceFunction) == "RevalidateCachedQuery":
            // The table has changed under a kept statement, which gives other columns now.
            (obstacle, isStale) = (.conflict, true)
        // In a unit that may write, this is the answer of a server that was the first and is the second now.
        case "25006" where isWrite: obstacle = .lost
        default: if PQstatus(connection) != CONNECTION_OK { obstacle = .lost }
        }
        guard !state.isEmpty else {
            return DatabaseError(.unreachable, "the connection to PostgreSQL broke: \(connectionMessage)", sql: sql)
        }
        return DatabaseError(sqlState: state, field(result, .message) ?? "unknown error", sql: sql)
    }

    /// libpq's `PG_DIAG_…`, macros that Swift does not see.
    private enum Field: Unicode.Scalar {
        case severity = "V"
        case sqlState = "C"
        case message = "M"
        case sourceFunction = "R"
    }

    private func field(_ result: OpaquePointer?, _ field: Field) -> String? {
        PQresultErrorField(result, Int32(field.rawValue.value)).map { String(cString: $0) }
    }

}
