import Foundation
import Synchronization
import Testing

@testable import SQLDatabase

@Suite("Group commit")
struct GroupCommitTests {
    @Test("units that wait share commits, run in order, and are all there")
    func sharing() async throws {
        try await withFile { database, _ in
            try await database.run("CREATE TABLE t (id BIGINT NOT NULL)")
            let before = database.commitCount
            let insert: @Sendable (any SQLTransaction) throws -> Int64? = { transaction in
                try transaction.execute("INSERT INTO t VALUES (1)")
                return try transaction.queryOne("SELECT COUNT(*) FROM t")?.integer(0)
            }
            let results = try await together(database, Array(repeating: insert, count: 200))
            #expect(results.map(\.value) == (1...200).map { Int64($0) })
            // One for the unit that held the writer, then 128 and 72.
            #expect(database.commitCount - before == 3)
            #expect(try await database.number("SELECT COUNT(*) FROM t") == 200)
        }
    }

    @Test("200 writers who just come are all served")
    func free() async throws {
        try await withFile { database, _ in
            try await database.run("CREATE TABLE t (id BIGINT NOT NULL PRIMARY KEY)")
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for id in 1...200 {
                    tasks.addTask {
                        try await database.write("m") { _ = try $0.execute("INSERT INTO t VALUES ($1)", SQLValue(id)) }
                    }
                }
                try await tasks.waitForAll()
            }
            #expect(try await database.number("SELECT COUNT(*) FROM t") == 200)
            #expect(database.commitCount <= 201)
        }
    }

    @Test("a unit that fails leaves its neighbours alone")
    func failingUnit() async throws {
        struct Refused: Error {}
        try await withFile { database, _ in
            try await database.run("CREATE TABLE t (id BIGINT NOT NULL PRIMARY KEY)")
            let results = try await together(
                database,
                (0..<10).map { index in
                    { transaction in
                        try transaction.execute("INSERT INTO t VALUES ($1)", SQLValue(index))
                        if index == 3 { try transaction.execute("INSERT INTO t VALUES (0)") }
                        if index == 6 { throw Refused() }
                    }
                })
            #expect(results[3].error?.code == .constraint)
            #expect(throws: Refused.self) { try results[6].get() }
            #expect(results.filter { $0.value != nil }.count == 8)
            let ids = try await database.read { try $0.query("SELECT id FROM t ORDER BY id").map { try $0.integer("id") } }
            #expect(ids == [0, 1, 2, 4, 5, 7, 8, 9])
        }
    }

    @Test("a unit that rolls back everything harms only itself")
    func rollingBackUnit() async throws {
        try await withFile { database, _ in
            try await database.run(
                "CREATE TABLE t (id BIGINT NOT NULL)",
                "CREATE TRIGGER three BEFORE INSERT ON t WHEN NEW.id = 3 BEGIN SELECT RAISE(ROLLBACK, 'three'); END")
            let results = try await together(
                database,
                (0..<6).map { index in { _ = try $0.execute("INSERT INTO t VALUES ($1)", SQLValue(index)) } })
            #expect(results.map { $0.error?.code } == [nil, nil, nil, .constraint, nil, nil])
            let ids = try await database.read { try $0.query("SELECT id FROM t ORDER BY id").map { try $0.integer("id") } }
            #expect(ids == [0, 1, 2, 4, 5])
        }
    }

    @Test("neither reader nor caller sees a unit before its commit")
    func visibility() async throws {
        try await withFile { database, _ in
            try await database.run("CREATE TABLE t (id BIGINT NOT NULL)")
            let first = Gate()
            let second = Gate()
            let flag = Flag()
            async let held: Void = database.write("m") { _ in first.pass() }
            await first.reached()
            async let insertion: Void = {
                try await database.run("INSERT INTO t VALUES (1)")
                flag.raise()
            }()
            await eventually { database.waitingCount == 1 }
            async let neighbour: Void = database.write("m") { _ in second.pass() }
            await eventually { database.waitingCount == 2 }
            first.open()
            await second.reached()
            #expect(!flag.isRaised)
            #expect(try await database.number("SELECT COUNT(*) FROM t") == 0)
            second.open()
            _ = try await (held, insertion, neighbour)
            #expect(flag.isRaised)
            #expect(try await database.number("SELECT COUNT(*) FROM t") == 1)
        }
    }

    private final class Flag: Sendable {
        private let state = Atomic(false)
        var isRaised: Bool { state.load(ordering: .acquiring) }
        func raise() { state.store(true, ordering: .releasing) }
    }

    @Test("a commit that fails is unknown to all who shared it, and the next one works")
    func failingCommit() async throws {
        try await withFile { database, _ in
            try await database.run(
                "CREATE TABLE parent (id BIGINT NOT NULL PRIMARY KEY)",
                "CREATE TABLE child (id BIGINT REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)")
            let commits = database.commitCount
            let results = try await together(
                database,
                [
                    "INSERT INTO parent VALUES (1)",
                    "INSERT INTO child VALUES (9)",
                    "INSERT INTO nowhere VALUES (9)",
                    "INSERT INTO parent VALUES (2)",
                ].map { sql in { _ = try $0.execute(sql) } })
            // The third failed before the commit: that is known.
            #expect(results.map { $0.error?.code } == [.commitUnknown, .commitUnknown, .statement, .commitUnknown])
            #expect(try await database.number("SELECT COUNT(*) FROM parent") == 0)
            await #expect(throws: DatabaseError.commitUnknown) { try await database.run("INSERT INTO child VALUES (9)") }
            try await database.run("INSERT INTO parent VALUES (3)")
            #expect(try await database.number("SELECT id FROM parent") == 3)
            #expect(database.commitCount == commits + 2)
        }
    }

    @Test("a read is one snapshot, however long it takes")
    func snapshot() async throws {
        try await withFile { database, _ in
            try await database.run("CREATE TABLE t (id BIGINT NOT NULL)")
            let gate = Gate()
            async let counts = database.read { transaction in
                let before = try transaction.queryOne("SELECT COUNT(*) FROM t")?.integer(0)
                gate.pass()
                return [before, try transaction.queryOne("SELECT COUNT(*) FROM t")?.integer(0)]
            }
            await gate.reached()
            try await database.run("INSERT INTO t VALUES (1)")
            gate.open()
            #expect(try await counts == [0, 0])
            #expect(try await database.number("SELECT COUNT(*) FROM t") == 1)
        }
    }

    @Test("closing serves who waits and refuses who comes later")
    func closing() async throws {
        try await withFile { database, path in
            try await database.run("CREATE TABLE t (id BIGINT NOT NULL)")
            let gate = Gate()
            async let held: Void = database.write("m") { _ in gate.pass() }
            await gate.reached()
            async let waiting: Void = database.run("INSERT INTO t VALUES (1)")
            await eventually { database.waitingCount == 1 }
            async let closed: Void = database.close()
            // Units handed in before the close was seen still run; the first refusal shows that it was.
            var refused = false
            while !refused {
                do { _ = try await database.number("SELECT 1") } catch { refused = error as? DatabaseError == .closed }
            }
            await #expect(throws: DatabaseError.closed) { try await database.run("INSERT INTO t VALUES (2)") }
            gate.open()
            _ = try await (held, waiting, closed)
            try await database.close()
            await #expect(throws: DatabaseError.closed) { try await database.number("SELECT 1") }
            #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
            let again = try SQLiteDatabase.open(path: path)
            #expect(try await again.number("SELECT id FROM t") == 1)
            try await again.close()
        }
    }

    @Test("inline mode runs on the caller's thread, a commit a unit")
    func inline() async throws {
        for path in [":memory:", nil] {
            try await withTemporaryDirectory { directory in
                let database = try SQLiteDatabase.open(path: path ?? directory + "/i.sqlite", mode: .inline)
                try await database.run("CREATE TABLE t (id BIGINT NOT NULL)")
                let caller = pthread_self()
                #expect(try await database.write("m") { _ in pthread_self() } == caller)
                #expect(try await database.read { _ in pthread_self() } == caller)
                let commits = database.commitCount
                try await database.run("INSERT INTO t VALUES (1)")
                try await database.run("INSERT INTO t VALUES (2)")
                await #expect(throws: DatabaseError.constraint) { try await database.run("INSERT INTO t VALUES (NULL)") }
                #expect(database.commitCount == commits + 2)
                #expect(try await database.number("SELECT COUNT(*) FROM t") == 2)
                try await database.close()
                await #expect(throws: DatabaseError.closed) { try await database.run("INSERT INTO t VALUES (3)") }
                await #expect(throws: DatabaseError.closed) { try await database.number("SELECT 1") }
            }
        }
    }
}
