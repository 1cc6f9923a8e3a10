import Synchronization

/// An SQL text that was looked through once: what it takes, and how SQLite wants it. PostgreSQL takes it as it stands.
///
/// SQLite numbers a plain `$1` by its first appearance, silently; `?1` is what `$1` means elsewhere.
struct StatementText: Sendable {
    /// The text with `?n` for each `$n` outside of literals, quoted names and comments.
    let sql: String
    /// How many arguments it takes: the highest `n`.
    let parameterCount: Int
    /// Whether SQLite's count of changes speaks of this statement; after others it still speaks of the last one.
    let countsChanges: Bool
    /// Whether it is one of those that come again: what is said about rows.
    let isWorthPreparing: Bool

    /// - Throws: ``DatabaseError`` `.misuse` for statements that belong to the engine and for numbers that leave a gap.
    init(_ text: String) throws {
        var scanner = Scanner(Array(text.utf8))
        try scanner.run(text)
        let verb = scanner.firstWord.uppercased()
        guard !Self.engineOnly.contains(verb) else {
            throw DatabaseError(.misuse, "\(verb) belongs to the engine: a unit of work is one transaction already", sql: text)
        }
        let numbers = scanner.numbers
        guard numbers.count == numbers.max() ?? 0 else {
            throw DatabaseError(.misuse, "parameters are numbered from $1 without a gap", sql: text)
        }
        sql = numbers.isEmpty ? text : String(decoding: scanner.output, as: UTF8.self)
        parameterCount = numbers.count
        countsChanges = ["INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"].contains(verb)
        isWorthPreparing = countsChanges || verb == "SELECT" || verb == "VALUES"
    }

    private static let engineOnly: Set<String> = [
        "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "PRAGMA", "ATTACH", "DETACH", "VACUUM",
        "SET", "RESET", "DISCARD", "PREPARE", "EXECUTE", "DEALLOCATE", "COPY", "LISTEN", "NOTIFY",
    ]

    private struct Scanner {
        private let input: [UInt8]
        private var at = 0
        private(set) var output: [UInt8] = []
        private(set) var numbers: Set<Int> = []
        private(set) var firstWord = ""

        init(_ input: [UInt8]) {
            self.input = input
            output.reserveCapacity(input.count)
        }

        mutating func run(_ text: String) throws {
            while at < input.count {
                let start = at
                switch input[at] {
                case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"): skip(past: input[at])
                case UInt8(ascii: "["): skip(past: UInt8(ascii: "]"))
                case UInt8(ascii: "-") where next == UInt8(ascii: "-"): skip(past: UInt8(ascii: "\n"))
                case UInt8(ascii: "/") where next == UInt8(ascii: "*"): skipComment()
                case UInt8(ascii: "$"):
                    try parameter(text)
                    continue
                case let byte where isWord(byte):
                    // A whole word at once, because a name may hold a dollar sign.
                    while at < input.count, isWord(input[at]) || input[at] == UInt8(ascii: "$") { at += 1 }
                    if firstWord.isEmpty { firstWord = String(decoding: input[start..<at], as: UTF8.self) }
                default: at += 1
                }
                output += input[start..<at]
            }
        }

        private var next: UInt8? { at + 1 < input.count ? input[at + 1] : nil }

        /// A doubled quote inside a literal ends one and starts the next: the same bytes either way.
        private mutating func skip(past end: UInt8) {
            at += 1
            while at < input.count, input[at] != end { at += 1 }
            at = min(at + 1, input.count)
        }

        private mutating func skipComment() {
            at += 2
            while at < input.count, !(input[at] == UInt8(ascii: "*") && next == UInt8(ascii: "/")) { at += 1 }
            at = min(at + 2, input.count)
        }

        private mutating func parameter(_ text: String) throws {
            at += 1
            let start = at
            while at < input.count, (0x30...0x39).contains(input[at]) { at += 1 }
            guard let number = Int(String(decoding: input[start..<at], as: UTF8.self)), (1...32_766).contains(number) else {
                throw DatabaseError(.misuse, "a dollar sign starts a parameter: $1 to $32766", sql: text)
            }
            numbers.insert(number)
            output.append(UInt8(ascii: "?"))
            output += String(number).utf8
        }

        private func isWord(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), 0x80...: true
            default: false
            }
        }
    }
}

/// The texts seen so far: a program has few and repeats them.
final class StatementTexts: Sendable {
    private let known = Mutex<[String: StatementText]>([:])

    func text(_ sql: String) throws -> StatementText {
        if let text = known.withLock({ $0[sql] }) { return text }
        let text = try StatementText(sql)
        known.withLock { known in
            // A limit for whoever builds statements out of data.
            if known.count >= 2048 { known.removeAll() }
            known[sql] = text
        }
        return text
    }
}
