/// One step of the schema. Once released it is never edited: a change is a new migration.
package struct Migration: Sendable {
    /// Its place in the order, unique among all migrations of a database.
    package let id: Int64
    /// What it does, in few words.
    package let name: String
    /// Its statements, one per element, for an engine.
    package let statements: @Sendable (Dialect) -> [String]

    /// A step of the schema.
    package init(id: Int64, name: String, statements: @escaping @Sendable (Dialect) -> [String]) {
        self.id = id
        self.name = name
        self.statements = statements
    }

    /// FNV-1a over the statements, in 16 hexadecimal digits: enough to notice an edit.
    func checksum(_ dialect: Dialect) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for statement in statements(dialect) {
            for byte in statement.utf8 + [0] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
