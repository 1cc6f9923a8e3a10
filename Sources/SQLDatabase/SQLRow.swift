package import PaymentPrimitives

/// One row of an answer.
///
/// Each accessor exists by column name and by position, and throws ``DatabaseError`` `.decoding`, which names the
/// column, when the column does not exist, holds another type, or is NULL where that was not allowed for.
package struct SQLRow: Sendable {
    /// The names of the columns, shared by all rows of an answer.
    package let columns: [String]
    /// The values, in the order of ``columns``.
    package let values: [SQLValue]

    /// The value of a column.
    package func value(_ column: String) throws -> SQLValue { values[try position(column)] }
    package func integer(_ column: String) throws -> Int64 { try integer(position(column)) }
    package func optionalInteger(_ column: String) throws -> Int64? { try optionalInteger(position(column)) }
    package func text(_ column: String) throws -> String { try text(position(column)) }
    package func optionalText(_ column: String) throws -> String? { try optionalText(position(column)) }
    package func blob(_ column: String) throws -> [UInt8] { try blob(position(column)) }
    package func optionalBlob(_ column: String) throws -> [UInt8]? { try optionalBlob(position(column)) }
    package func timestamp(_ column: String) throws -> Timestamp { try timestamp(position(column)) }
    package func optionalTimestamp(_ column: String) throws -> Timestamp? { try optionalTimestamp(position(column)) }

    /// The value at a position, from 0.
    package func value(_ index: Int) throws -> SQLValue {
        guard values.indices.contains(index) else {
            throw DatabaseError(.decoding, "there is no column \(index) among \(values.count)")
        }
        return values[index]
    }

    package func optionalInteger(_ index: Int) throws -> Int64? {
        switch try value(index) {
        case .integer(let value): value
        case .null: nil
        case let other: throw mismatch(index, other, "an integer")
        }
    }

    package func optionalText(_ index: Int) throws -> String? {
        switch try value(index) {
        case .text(let value): value
        case .null: nil
        case let other: throw mismatch(index, other, "a text")
        }
    }

    package func optionalBlob(_ index: Int) throws -> [UInt8]? {
        switch try value(index) {
        case .blob(let value): value
        case .null: nil
        case let other: throw mismatch(index, other, "a blob")
        }
    }

    package func optionalTimestamp(_ index: Int) throws -> Timestamp? {
        try optionalInteger(index).map(Timestamp.init(milliseconds:))
    }

    package func integer(_ index: Int) throws -> Int64 { try required(index, optionalInteger(index), "an integer") }
    package func text(_ index: Int) throws -> String { try required(index, optionalText(index), "a text") }
    package func blob(_ index: Int) throws -> [UInt8] { try required(index, optionalBlob(index), "a blob") }
    package func timestamp(_ index: Int) throws -> Timestamp { try Timestamp(milliseconds: integer(index)) }

    // Rows are narrow: comparing a few short names costs less than a dictionary.
    private func position(_ column: String) throws -> Int {
        guard let index = columns.firstIndex(of: column) else {
            throw DatabaseError(.decoding, "there is no column \(column) among \(columns.joined(separator: ", "))")
        }
        return index
    }

    private func required<T>(_ index: Int, _ value: T?, _ wanted: String) throws -> T {
        guard let value else { throw mismatch(index, .null, wanted) }
        return value
    }

    private func mismatch(_ index: Int, _ value: SQLValue, _ wanted: String) -> DatabaseError {
        DatabaseError(.decoding, "column \(columns[index]) holds \(value.kind) where \(wanted) was expected")
    }
}
