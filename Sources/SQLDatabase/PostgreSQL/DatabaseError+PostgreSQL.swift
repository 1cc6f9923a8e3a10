extension DatabaseError {
    /// PostgreSQL's five letters in the words of the seam. `message` is the primary one: details repeat values.
    init(sqlState: String, _ message: String, sql: String?, file: String = #fileID, line: Int = #line) {
        let code: Code =
            switch (sqlState.prefix(2), sqlState) {
            case ("23", _): .constraint
            case (_, "40001"), (_, "40P01"), (_, "55P03"): .busy
            case (_, "25006"): .misuse
            case ("53", _), ("58", _), (_, "XX001"), (_, "XX002"): .storage
            case ("08", _), (_, "57P01"), (_, "57P02"), (_, "57P03"), (_, "25P03"): .unreachable
            default: .statement
            }
        // "invalid input syntax for type bigint" goes on with the value.
        let words = sqlState.hasPrefix("22") ? "a value does not fit its type" : message
        self.init(code, "\(words) (PostgreSQL \(sqlState))", sql: sql, file: file, line: line)
    }
}
