/// SQL inside one transaction. Valid only inside the body that received it.
package protocol SQLTransaction {
    /// Runs a statement to its end, ignoring the rows that it returns.
    ///
    /// - Returns: the number of rows inserted, updated or deleted, without those that triggers changed.
    @discardableResult
    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int

    /// Runs a statement, also one with `RETURNING`, and takes all its rows into memory.
    func query(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow]
}

extension SQLTransaction {
    /// ``execute(_:_:)-(String,[SQLValue])`` with the arguments written out.
    @discardableResult
    package func execute(_ sql: String, _ arguments: SQLValue...) throws -> Int {
        try execute(sql, arguments)
    }

    /// ``query(_:_:)-(String,[SQLValue])`` with the arguments written out.
    package func query(_ sql: String, _ arguments: SQLValue...) throws -> [SQLRow] {
        try query(sql, arguments)
    }

    /// The first row, or `nil` when there is none.
    package func queryOne(_ sql: String, _ arguments: [SQLValue]) throws -> SQLRow? {
        try query(sql, arguments).first
    }

    /// The first row, or `nil` when there is none.
    package func queryOne(_ sql: String, _ arguments: SQLValue...) throws -> SQLRow? {
        try query(sql, arguments).first
    }
}
