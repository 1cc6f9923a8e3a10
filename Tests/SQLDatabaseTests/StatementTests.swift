import DatabaseHarness
import Testing

@testable import SQLDatabase

@Suite("Statements")
struct StatementTests {
    private func withTable(_ engine: Engine, _ body: (any Database) async throws -> Void) async throws {
        try await engine.withDatabase { database in
            try await database.run("CREATE TABLE t (id BIGINT NOT NULL PRIMARY KEY, name TEXT CHECK (name <> 'bad') UNIQUE)")
            try await body(database)
        }
    }

    @Test("$10 is not $1 followed by 0, and a number may come twice", arguments: Engine.allCases)
    func parameters(engine: Engine) async throws {
        try await withTable(engine) { (database: any Database) async throws in
            let row = try await database.read { transaction in
                try transaction.queryOne(
                    "SELECT $10 AS ten, $1 AS one, $2 || $2 AS twice, '$1' AS literal, $3+$4+$5+$6+$7+$8+$9 AS rest",
                    "one", "two", 3, 4, 5, 6, 7, 8, 9, "ten")
            }
            #expect(row?.values == ["ten", "one", "twotwo", "$1", 42])
            #expect(row?.columns == ["ten", "one", "twice", "literal", "rest"])
        }
    }

    @Test("execute counts the rows that it changed, and nothing for other statements", arguments: Engine.allCases)
    func changes(engine: Engine) async throws {
        try await withTable(engine) { (database: any Database) async throws in
            let counts = try await database.write("m") { transaction in
                [
                    try transaction.execute("INSERT INTO t (id) VALUES ($1), ($2), ($3)", 1, 2, 3),
                    try transaction.execute("SELECT id FROM t"),
                    try transaction.execute("CREATE TABLE u (id BIGINT)"),
                    try transaction.execute("INSERT INTO t (id) VALUES (1) ON CONFLICT DO NOTHING"),
                    try transaction.execute("UPDATE t SET name = NULL WHERE id > $1 RETURNING id", 1),
                    try transaction.execute("DELETE FROM t WHERE id = $1", 9),
                    try transaction.execute("DELETE FROM t"),
                ]
            }
            #expect(counts == [3, 0, 0, 0, 2, 0, 3])
        }
    }

    @Test("RETURNING gives rows, and the change is made", arguments: Engine.allCases)
    func returning(engine: Engine) async throws {
        try await withTable(engine) { (database: any Database) async throws in
            let row = try await database.write("m") { transaction in
                try transaction.queryOne("INSERT INTO t (id, name) VALUES ($1, $2) RETURNING id, name", 1, "one")
            }
            #expect(row?.values == [1, "one"])
            #expect(try await database.number("SELECT COUNT(*) FROM t") == 1)
        }
    }

    @Test("columns follow a schema that changed under a kept statement", arguments: Engine.allCases)
    func schemaChange(engine: Engine) async throws {
        try await withTable(engine) { (database: any Database) async throws in
            try await database.run("INSERT INTO t (id) VALUES (1)")
            let columns: @Sendable (any SQLTransaction) throws -> [String]? = { try $0.queryOne("SELECT * FROM t")?.columns }
            #expect(try await database.write("m", columns) == ["id", "name"])
            try await database.run("ALTER TABLE t ADD COLUMN note TEXT", "ALTER TABLE t RENAME COLUMN name TO title")
            #expect(try await database.write("m", columns) == ["id", "title", "note"])
            #expect(try await database.read(columns) == ["id", "title", "note"])
        }
    }

    @Test("the number of arguments must fit", arguments: [[], [1, 2]] as [[SQLValue]], Engine.allCases)
    func argumentCount(arguments: [SQLValue], engine: Engine) async throws {
        try await withTable(engine) { (database: any Database) async throws in
            await #expect(throws: DatabaseError.misuse) {
                try await database.write("m") { try $0.execute("DELETE FROM t WHERE id = $1", arguments) }
            }
        }
    }

    @Test(
        "what is not the seam's way is misuse",
        arguments: ["SELECT ?", "SELECT :name", "SELECT @name", "SELECT 1; SELECT 2", "COMMIT", "PRAGMA user_version"],
        Engine.allCases)
    func misuse(sql: String, engine: Engine) async throws {
        try await withTable(engine) { (database: any Database) async throws in
            // What only SQLite would take for a parameter, PostgreSQL does not understand.
            let isKnown = engine == .sqlite || ["COMMIT", "PRAGMA user_version"].contains(sql)
            await #expect(throws: isKnown ? DatabaseError.misuse : .statement) {
                try await database.write("m") { try $0.query(sql) }
            }
        }
    }

    @Test(
        "what the engine does not understand is an error that shows the statement",
        arguments: ["SELEC 1", "SELECT \"nmae\" FROM t"], Engine.allCases)
    func syntax(sql: String, engine: Engine) async throws {
        try await withTable(engine) { (database: any Database) async throws in
            let error = await #expect(throws: DatabaseError.statement) { try await database.write("m") { try $0.query(sql) } }
            #expect(error?.description.contains(sql) == true)
        }
    }

    @Test("a constraint is named by table and column, without values", arguments: Engine.allCases)
    func constraints(engine: Engine) async throws {
        try await withTable(engine) { (database: any Database) async throws in
            try await database.run("INSERT INTO t (id, name) VALUES (4711, 'Alice')")
            let expectations: [(sql: String, words: String, other: String)] = [
                ("INSERT INTO t (id) VALUES ($1)", "t.id", "t_pkey"),
                ("INSERT INTO t (id, name) VALUES ($1 + 1, 'Alice')", "t.name", "t_name_key"),
                ("INSERT INTO t (id, name) VALUES ($1 + 1, 'bad')", "CHECK", "t_name_check"),
                ("UPDATE t SET id = NULL WHERE id = $1", "t.id", "\"id\" of relation \"t\""),
            ]
            for (sql, words, other) in expectations {
                let error = await #expect(throws: DatabaseError.constraint) {
                    try await database.write("m") { try $0.execute(sql, 4711) }
                }
                #expect(error?.message.contains(engine == .sqlite ? words : other) == true)
                #expect(error?.description.contains("4711") == false)
            }
            #expect(try await database.number("SELECT COUNT(*) FROM t") == 1)
        }
    }

    @Test("foreign keys are enforced", arguments: Engine.allCases)
    func foreignKeys(engine: Engine) async throws {
        try await withTable(engine) { (database: any Database) async throws in
            try await database.run("CREATE TABLE child (parent BIGINT REFERENCES t (id))")
            await #expect(throws: DatabaseError.constraint) { try await database.run("INSERT INTO child VALUES (1)") }
        }
    }

    @Test("an error that the body swallows fails the unit all the same", arguments: Engine.allCases)
    func swallowedError(engine: Engine) async throws {
        try await withTable(engine) { (database: any Database) async throws in
            await #expect(throws: DatabaseError.constraint) {
                try await database.write("m") { transaction in
                    try transaction.execute("INSERT INTO t (id) VALUES (1)")
                    _ = try? transaction.execute("INSERT INTO t (id) VALUES (1)")
                    _ = try? transaction.execute("INSERT INTO t (id) VALUES (2)")
                }
            }
            #expect(try await database.number("SELECT COUNT(*) FROM t") == 0)
        }
    }

    @Test("an error of the body's own undoes the unit and arrives unchanged", arguments: Engine.allCases)
    func bodyError(engine: Engine) async throws {
        try await withTable(engine) { (database: any Database) async throws in
            struct Refused: Error, Equatable { let reason: Int }
            await #expect(throws: Refused(reason: 7)) {
                try await database.write("m") { transaction in
                    try transaction.execute("INSERT INTO t (id) VALUES (1)")
                    throw Refused(reason: 7)
                }
            }
            #expect(try await database.number("SELECT COUNT(*) FROM t") == 0)
        }
    }

    @Test("a transaction that outlives its body is dead", arguments: Engine.allCases)
    func escaped(engine: Engine) async throws {
        try await withTable(engine) { (database: any Database) async throws in
            final class Box: @unchecked Sendable { var transaction: (any SQLTransaction)? }
            let box = Box()
            try await database.write("m") { box.transaction = $0 }
            let transaction = try #require(box.transaction)
            #expect(throws: DatabaseError.misuse) { try transaction.query("SELECT 1") }
        }
    }

    @Test(
        "a read refuses to write",
        arguments: ["INSERT INTO t (id) VALUES (1)", "CREATE TABLE u (i BIGINT)", "DELETE FROM t RETURNING id"], Engine.allCases)
    func readOnly(sql: String, engine: Engine) async throws {
        try await withTable(engine) { (database: any Database) async throws in
            await #expect(throws: DatabaseError.misuse) { try await database.read { try $0.query(sql) } }
            try await withFile { database, _ in
                try await database.run("CREATE TABLE t (id BIGINT)")
                await #expect(throws: DatabaseError.misuse) { try await database.read { try $0.query(sql) } }
                try await database.run("INSERT INTO t VALUES (1)")
            }
        }
    }

    @Test("an append-only table takes new rows and keeps old ones", arguments: Engine.allCases)
    func appendOnly(engine: Engine) async throws {
        try await withTable(engine) { (database: any Database) async throws in
            try await database.run("CREATE TABLE entries (id BIGINT NOT NULL PRIMARY KEY, amount BIGINT NOT NULL)")
            for statement in database.dialect.appendOnly("entries") { try await database.run(statement) }
            try await database.run("INSERT INTO entries VALUES (1, 10), (2, 20)")
            let attempts = [
                "UPDATE entries SET amount = 0", "DELETE FROM entries WHERE id = 1",
                engine == .sqlite ? "REPLACE INTO entries VALUES (1, 0)" : "TRUNCATE entries",
            ]
            for sql in attempts {
                let error = await #expect(throws: DatabaseError.constraint) { try await database.run(sql) }
                #expect(error?.message.contains("entries is append-only") == true)
            }
            #expect(try await database.number("SELECT CAST(SUM(amount) AS BIGINT) FROM entries") == 30)
        }
    }

    @Test("an identity column numbers upwards and never again", arguments: Engine.allCases)
    func identity(engine: Engine) async throws {
        try await withTable(engine) { (database: any Database) async throws in
            try await database.run("CREATE TABLE log (position \(database.dialect.identityColumn), word TEXT)")
            try await database.run("INSERT INTO log (word) VALUES ('a'), ('b')", "DELETE FROM log WHERE word = 'b'")
            try await database.run("INSERT INTO log (word) VALUES ('c')")
            #expect(try await database.number("SELECT position FROM log WHERE word = 'c'") == 3)
        }
    }
}
