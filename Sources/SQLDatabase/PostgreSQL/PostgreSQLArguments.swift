internal import CLibPQ

/// The oids of `pg_type` that the seam's values travel as.
enum PostgreSQLType {
    static let bool: Oid = 16
    static let bytea: Oid = 17
    static let name: Oid = 19
    static let bigint: Oid = 20
    static let smallint: Oid = 21
    static let integer: Oid = 23
    static let text: Oid = 25
    static let oid: Oid = 26
    static let unknown: Oid = 705
    static let bpchar: Oid = 1042
    static let varchar: Oid = 1043
    static let void: Oid = 2278
}

extension SQLValue {
    /// The type that a parameter of this value has; 0 leaves it to the server.
    var oid: Oid {
        switch self {
        case .null: 0
        case .integer: PostgreSQLType.bigint
        case .text: PostgreSQLType.text
        case .blob: PostgreSQLType.bytea
        }
    }
}

/// The values of a statement as libpq takes them: binary, side by side in one buffer.
struct PostgreSQLArguments {
    private var bytes: [UInt8] = []
    private var starts: [Int?] = []
    private var lengths: [Int32] = []

    /// - Throws: ``DatabaseError`` `.statement` for more bytes than the protocol can count.
    init(_ values: [SQLValue]) throws {
        for value in values {
            let start = bytes.count
            switch value {
            case .null: break
            case .integer(let integer): withUnsafeBytes(of: integer.bigEndian) { bytes += $0 }
            case .text(let text): bytes += text.utf8
            case .blob(let blob): bytes += blob
            }
            guard let length = Int32(exactly: bytes.count - start) else {
                throw DatabaseError(.statement, "a value has more than 2 GiB")
            }
            starts.append(value == .null ? nil : start)
            lengths.append(length)
        }
        // So that there is an address even for nothing but empty texts: no address means NULL.
        bytes.append(0)
    }

    func withPointers<T>(
        _ work: ([UnsafePointer<CChar>?], _ lengths: [Int32], _ formats: [Int32]) throws -> T
    ) rethrows -> T {
        try bytes.withUnsafeBufferPointer { buffer in
            try buffer.withMemoryRebound(to: CChar.self) { characters in
                let pointers = starts.map { start in start.flatMap { characters.baseAddress?.advanced(by: $0) } }
                return try work(pointers, lengths, Array(repeating: 1, count: lengths.count))
            }
        }
    }
}
