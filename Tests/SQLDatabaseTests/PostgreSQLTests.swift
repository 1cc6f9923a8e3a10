import DatabaseHarness
import PaymentPrimitives
import Synchronization
import Testing

@testable import SQLDatabase

@Suite("PostgreSQL")
struct PostgreSQLTests {
    private final class Counter: Sendable {
        private let value = Atomic(0)
        var count: Int { value.load(ordering: .relaxed) }
        func next() -> Int { value.add(1, ordering: .relaxed).newValue }
    }

    /// Two pools on one new schema, as two servers have them.
    private func withTwo(
        _ body: (_ one: PostgreSQLDatabase, _ other: PostgreSQLDatabase) async throws -> Void
    ) async throws {
        try await Engine.postgresql.withAddress { address in
            let one = try await PostgreSQLDatabase.open(PostgreSQLAddress(address), connections: 4)
            let other = try await PostgreSQLDatabase.open(PostgreSQLAddress(address), connections: 4)
            try await body(one, other)
            try await one.close()
            try await other.close()
        }
    }

    @Test("A connection commits durably, waits for locks no longer than it should, and prints no notices")
    func settings() async throws {
        try await Engine.postgresql.withDatabase { database in
            for (name, value) in [
                ("synchronous_commit", "on"), ("lock_timeout", "5s"), ("client_encoding", "UTF8"),
                ("transaction_isolation", "read committed"), ("idle_in_transaction_session_timeout", "1min"),
            ] {
                let row = try await database.write("m") { try $0.queryOne("SELECT current_setting($1)", .text(name)) }
                #expect(row?.values == [.text(value)])
            }
        }
    }

    @Test("A commit lasts also where the server's own setting says otherwise")
    func durableInSpiteOfTheServer() async throws {
        try await Engine.postgresql.withAddress { address in
            let lax = address.split(separator: "options=").joined(separator: "options=-c%20synchronous_commit%3Doff%20")
            let database = try await PostgreSQLDatabase.open(PostgreSQLAddress(lax))
            let row = try await database.read { try $0.queryOne("SHOW synchronous_commit") }
            #expect(row?.values == ["on"])
            try await database.close()
        }
    }

    @Test(
        "A value comes back as it went in",
        arguments: [
            .null, .integer(.max), .integer(.min), .integer(0), .integer(-1), .text(""), .text("收款 👩‍👩‍👧 e\u{301}"), .blob([]),
            .blob([0, 255, 0]), .text(String(repeating: "长", count: 100_000)),
        ] as [SQLValue])
    func roundTrip(value: SQLValue) async throws {
        try await Engine.postgresql.withDatabase { database in
            try await database.run("CREATE TABLE t (i BIGINT, s TEXT, b BYTEA)")
            let column = if case .text = value { "s" } else if case .blob = value { "b" } else { "i" }
            try await database.write("m") { _ = try $0.execute("INSERT INTO t (\(column)) VALUES ($1)", value) }
            let read = try await database.read { try $0.query("SELECT \(column) FROM t").map { try $0.value(column) } }
            #expect(read == [value])
        }
    }

    @Test("What PostgreSQL cannot keep is refused, and no message has the value")
    func refusedValues() async throws {
        try await Engine.postgresql.withDatabase { database in
            await #expect(throws: DatabaseError.statement) {
                try await database.read { try $0.query("SELECT $1 || 'x'", "a\0b") }
            }
            for sql in ["SELECT 1.5 AS share", "SELECT SUM(x) FROM (SELECT CAST(1 AS BIGINT) AS x) AS t"] {
                await #expect(throws: DatabaseError.decoding) { try await database.read { try $0.query(sql) } }
            }
            let error = await #expect(throws: DatabaseError.statement) {
                try await database.read { try $0.query("SELECT CAST($1 || '' AS BIGINT)", "hunter2") }
            }
            #expect(error?.description.contains("hunter2") == false)
        }
    }

    @Test("A kept statement takes NULL where a value was, and a value where NULL was")
    func nullsAndValues() async throws {
        try await Engine.postgresql.withDatabase { database in
            try await database.run("CREATE TABLE t (id BIGINT, name TEXT)")
            let rows: [[SQLValue]] = [[1, nil], [nil, "b"], [2, "c"], [nil, nil]]
            for row in rows { try await database.write("m") { _ = try $0.execute("INSERT INTO t VALUES ($1, $2)", row) } }
            #expect(try await database.read { try $0.query("SELECT id, name FROM t").map(\.values) } == rows)
        }
    }

    @Test("Of many servers that compare and set one row, one wins each version")
    func compareAndSet() async throws {
        try await withTwo { one, other in
            try await one.run(
                "CREATE TABLE t (id BIGINT NOT NULL PRIMARY KEY, version BIGINT NOT NULL)", "INSERT INTO t VALUES (1, 0)")
            for version in 0..<10 as Range<Int64> {
                let winners = try await withThrowingTaskGroup(of: Int.self) { tasks in
                    for database in [one, other, one, other, one, other] {
                        tasks.addTask {
                            try await database.write("m") {
                                try $0.execute(
                                    "UPDATE t SET version = version + 1 WHERE id = 1 AND version = $1", .integer(version))
                            }
                        }
                    }
                    return try await tasks.reduce(0, +)
                }
                #expect(winners == 1)
            }
            #expect(try await other.number("SELECT version FROM t") == 10)
        }
    }

    @Test("Of many servers that insert one key, one does, and the others see its row")
    func uniqueKeys() async throws {
        try await withTwo { one, other in
            try await one.run("CREATE TABLE t (id BIGINT NOT NULL PRIMARY KEY, owner BIGINT NOT NULL)")
            let owners = try await withThrowingTaskGroup(of: Int64?.self) { tasks in
                for owner in 0..<20 {
                    tasks.addTask {
                        try await (owner % 2 == 0 ? one : other).write("m") {
                            try $0.execute("INSERT INTO t VALUES (1, $1) ON CONFLICT DO NOTHING", SQLValue(owner))
                            return try $0.queryOne("SELECT owner FROM t")?.integer(0)
                        }
                    }
                }
                return try await tasks.reduce(into: Set<Int64?>()) { $0.insert($1) }
            }
            #expect(owners.count == 1 && !owners.contains(nil))
        }
    }

    @Test("Two units that wait for each other are both done: one of them runs again")
    func deadlock() async throws {
        try await withTwo { one, other in
            try await one.run(
                "CREATE TABLE t (id BIGINT NOT NULL PRIMARY KEY, n BIGINT NOT NULL)", "INSERT INTO t VALUES (1, 0), (2, 0)")
            let gates = [Gate(), Gate()]
            let runs = [Counter(), Counter()]
            let both: @Sendable (any SQLTransaction, Int) throws -> Void = { transaction, index in
                let run = runs[index].next()
                try transaction.execute("UPDATE t SET n = n + 1 WHERE id = $1", SQLValue(index + 1))
                if run == 1 { gates[index].pass() }
                try transaction.execute("UPDATE t SET n = n + 1 WHERE id = $1", SQLValue(2 - index))
            }
            async let first: Void = one.write("m") { try both($0, 0) }
            async let second: Void = other.write("m") { try both($0, 1) }
            for gate in gates { await gate.reached() }
            for gate in gates { gate.open() }
            _ = try await (first, second)
            // The one that begins again may take its first row before the other wakes up, and they meet once more.
            #expect(runs.map(\.count).reduce(0, +) >= 3)
            #expect(try await one.number("SELECT CAST(SUM(n) AS BIGINT) FROM t") == 4)
        }
    }

    @Test("A unit whose connection is cut before its COMMIT runs again, and is there once")
    func lostConnection() async throws {
        try await withTwo { one, other in
            try await one.run("CREATE TABLE t (id BIGINT NOT NULL)")
            let runs = Atomic(0)
            let gate = Gate()
            let process = Atomic(Int64(0))
            async let written: Void = one.write("m") { transaction in
                try transaction.execute("INSERT INTO t VALUES (1)")
                process.store(try transaction.queryOne("SELECT pg_backend_pid()")?.integer(0) ?? 0, ordering: .relaxed)
                if runs.add(1, ordering: .relaxed).newValue == 1 { gate.pass() }
                try transaction.execute("INSERT INTO t VALUES (2)")
            }
            await gate.reached()
            let victim = process.load(ordering: .relaxed)
            _ = try await other.write("m") {
                try $0.query("SELECT pg_terminate_backend(CAST($1 AS INTEGER))", .integer(victim))
            }
            gate.open()
            try await written
            #expect(runs.load(ordering: .relaxed) == 2)
            #expect(try await other.number("SELECT COUNT(*) FROM t") == 2)
        }
    }

    @Test("An idle connection that the server has cut is not noticed by the next unit")
    func lostIdleConnection() async throws {
        try await withTwo { one, other in
            let victim = try #require(try await one.number("SELECT pg_backend_pid()"))
            _ = try await other.write("m") {
                try $0.query("SELECT pg_terminate_backend(CAST($1 AS INTEGER), 5000)", .integer(victim))
            }
            #expect(try await one.number("SELECT pg_backend_pid()") != victim)
        }
    }

    @Test("A COMMIT that is not answered is unknown, is not run again, and the next unit works")
    func lostCommit() async throws {
        try await Engine.postgresql.withDatabase { database in
            try await database.run(
                "CREATE TABLE t (id BIGINT NOT NULL)",
                """
                CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); RETURN NULL; END'
                """,
                """
                CREATE CONSTRAINT TRIGGER dies AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION die()
                """)
            let runs = Atomic(0)
            await #expect(throws: DatabaseError.commitUnknown) {
                try await database.write("m") { transaction in
                    runs.add(1, ordering: .relaxed)
                    try transaction.execute("INSERT INTO t VALUES (1)")
                }
            }
            #expect(runs.load(ordering: .relaxed) == 1)
            #expect(try await database.number("SELECT COUNT(*) FROM t") == 0)
        }
    }

    @Test("A constraint that is looked at by COMMIT refuses the unit, and that is known")
    func deferredConstraint() async throws {
        try await Engine.postgresql.withDatabase { database in
            try await database.run(
                "CREATE TABLE parent (id BIGINT NOT NULL PRIMARY KEY)",
                "CREATE TABLE child (id BIGINT REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)")
            await #expect(throws: DatabaseError.constraint) { try await database.run("INSERT INTO child VALUES (9)") }
            #expect(try await database.number("SELECT COUNT(*) FROM child") == 0)
        }
    }

    @Test("A lock that another server holds is waited for, and in the end it is busy")
    func busy() async throws {
        try await Engine.postgresql.withAddress { address in
            let holder = try await PostgreSQLDatabase.open(PostgreSQLAddress(address))
            let hasty = try await PostgreSQLDatabase.open(PostgreSQLAddress(address), patience: .milliseconds(20))
            try await holder.run("CREATE TABLE t (id BIGINT)", "INSERT INTO t VALUES (1)")
            let gate = Gate()
            async let held: Void = holder.write("m") { transaction in
                try transaction.execute("UPDATE t SET id = 2")
                gate.pass()
            }
            await gate.reached()
            await #expect(throws: DatabaseError.busy) { try await hasty.run("UPDATE t SET id = 3") }
            #expect(try await hasty.number("SELECT id FROM t") == 1)
            gate.open()
            try await held
            try await hasty.close()
            try await holder.close()
        }
    }

    @Test("A read is one snapshot, however long it takes")
    func snapshot() async throws {
        try await withTwo { one, other in
            try await one.run("CREATE TABLE t (id BIGINT NOT NULL)")
            let gate = Gate()
            async let counts = one.read { transaction in
                let before = try transaction.queryOne("SELECT COUNT(*) FROM t")?.integer(0)
                gate.pass()
                return [before, try transaction.queryOne("SELECT COUNT(*) FROM t")?.integer(0)]
            }
            await gate.reached()
            try await other.run("INSERT INTO t VALUES (1)")
            gate.open()
            #expect(try await counts == [0, 0])
        }
    }

    @Test("Closing serves who waits and refuses who comes later")
    func closing() async throws {
        try await Engine.postgresql.withAddress { address in
            let database = try await PostgreSQLDatabase.open(PostgreSQLAddress(address), connections: 1)
            try await database.run("CREATE TABLE t (id BIGINT)")
            let gate = Gate()
            async let held: Void = database.write("m") { _ in gate.pass() }
            await gate.reached()
            async let waiting: Void = database.run("INSERT INTO t VALUES (1)")
            await eventually { database.waitingCount == 1 }
            async let closed: Void = database.close()
            gate.open()
            _ = try await (held, waiting, closed)
            await #expect(throws: DatabaseError.closed) { try await database.run("INSERT INTO t VALUES (2)") }
        }
    }

    @Test("A server that is not there is unreachable, and nothing says the password")
    func unreachable() async throws {
        let address = try PostgreSQLAddress("postgresql://u:hunter2@127.0.0.1:1,127.0.0.1:2/pay")
        let error = await #expect(throws: DatabaseError.unreachable) { try await PostgreSQLDatabase.open(address) }
        #expect(error?.description.contains("127.0.0.1") == true)
        #expect(error?.description.contains("hunter2") == false)
        #expect("\(address) \(String(reflecting: address))".contains("hunter2") == false)
    }

    @Test(
        "An address that cannot be read is refused, and nothing of it is repeated",
        arguments: [
            "postgresql://u:hun@ter2@h/pay", "postgresql://u:hun/ter2@h/pay", "postgresql://u:hun?ter2@h/pay",
            "postgresql://u:p@h/pay?ter2=1", "postgresql://u:%zzter2@h/pay",
        ])
    func refusedAddresses(text: String) {
        let error = #expect(throws: DatabaseError(.url, "")) { try DatabaseURL(text) }
        #expect(error?.description.contains("ter2") == false)
    }

    @Test("Servers that start at once migrate once, and texts have the order of their bytes")
    func migrations() async throws {
        try await withTwo { one, other in
            let migrations = (1...10).map { id in
                Migration(id: Int64(id), name: "step \(id)") { dialect in
                    ["CREATE TABLE t\(id) (id TEXT NOT NULL PRIMARY KEY)", "ALTER TABLE t\(id) ADD COLUMN note TEXT"]
                        + dialect.appendOnly("t\(id)")
                }
            }
            let migrator = Migrator(migrations, clock: ManualClock())
            #expect(try await migrator.pending(one).count == 10)
            async let first = migrator.migrate(one)
            async let second = migrator.migrate(other)
            #expect(try await (first + second).sorted() == migrations.map(\.name).sorted())
            #expect(try await migrator.pending(other) == [])
            let foreign = try await one.number(
                """
                SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = current_schema() AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'
                """)
            #expect(foreign == 0)
            try await one.run("INSERT INTO t1 (id) VALUES ('a'), ('B'), ('_')")
            #expect(
                try await one.read { try $0.query("SELECT id FROM t1 ORDER BY id").map { try $0.text(0) } } == ["B", "_", "a"])
            await #expect(throws: DatabaseError.constraint) { try await one.run("TRUNCATE t1") }
        }
    }
}
