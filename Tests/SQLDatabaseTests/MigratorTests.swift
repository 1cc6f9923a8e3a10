import PaymentPrimitives
import Testing

@testable import SQLDatabase

@Suite("Migrations")
struct MigratorTests {
    let clock = ManualClock(Timestamp(milliseconds: 1_700_000_000_123))

    static let one = Migration(id: 1, name: "payments") { dialect in
        ["CREATE TABLE payments (id BIGINT NOT NULL PRIMARY KEY, raw \(dialect.blobType))"] + dialect.appendOnly("payments")
    }
    static let two = Migration(id: 2, name: "refunds") { _ in ["CREATE TABLE refunds (id BIGINT NOT NULL PRIMARY KEY)"] }
    static let ten = Migration(id: 10, name: "shop") { _ in ["CREATE TABLE shop (id BIGINT NOT NULL PRIMARY KEY)"] }

    @Test("a new database gets all migrations in order, and a second time nothing")
    func fresh() async throws {
        let database = try SQLiteDatabase.open(path: ":memory:")
        let migrator = Migrator([Self.ten, Self.one, Self.two], clock: clock)
        #expect(try await migrator.pending(database) == ["payments", "refunds", "shop"])
        #expect(try await database.number("SELECT COUNT(*) FROM sqlite_master") == 0)
        #expect(try await migrator.migrate(database) == ["payments", "refunds", "shop"])
        #expect(try await migrator.pending(database) == [])
        #expect(try await migrator.migrate(database) == [])
        let rows = try await database.read {
            try $0.query("SELECT id, name, checksum, applied_at FROM schema_migrations ORDER BY id")
        }
        #expect(try rows.map { try $0.integer("id") } == [1, 2, 10])
        #expect(try rows.map { try $0.text("name") } == ["payments", "refunds", "shop"])
        #expect(try rows.allSatisfy { try $0.text("checksum").utf8.count == 16 })
        #expect(try rows.allSatisfy { try $0.timestamp("applied_at") == clock.now })
    }

    @Test("new migrations are applied, also between old ones")
    func later() async throws {
        let database = try SQLiteDatabase.open(path: ":memory:")
        _ = try await Migrator([Self.one, Self.ten], clock: clock).migrate(database)
        let migrator = Migrator([Self.one, Self.two, Self.ten], clock: clock)
        #expect(try await migrator.pending(database) == ["refunds"])
        #expect(try await migrator.migrate(database) == ["refunds"])
    }

    @Test("a migration that was edited after it was applied is refused")
    func changedChecksum() async throws {
        let database = try SQLiteDatabase.open(path: ":memory:")
        _ = try await Migrator([Self.one], clock: clock).migrate(database)
        let edited = Migration(id: 1, name: "payments") { _ in ["CREATE TABLE payments (id TEXT)"] }
        let migrator = Migrator([edited, Self.two], clock: clock)
        for attempt in [migrator.migrate, migrator.pending] {
            let error = await #expect(throws: DatabaseError.migration) { try await attempt(database) }
            #expect(error?.message.contains("migration 1 (payments) was changed") == true)
        }
        #expect(try await database.number("SELECT COUNT(*) FROM schema_migrations") == 1)
    }

    @Test("a database of a newer program is refused")
    func newer() async throws {
        let database = try SQLiteDatabase.open(path: ":memory:")
        _ = try await Migrator([Self.one, Self.two], clock: clock).migrate(database)
        let migrator = Migrator([Self.one], clock: clock)
        for attempt in [migrator.migrate, migrator.pending] {
            let error = await #expect(throws: DatabaseError.migration) { try await attempt(database) }
            #expect(error?.message.contains("newer than this program: it has migration 2 (refunds)") == true)
        }
    }

    @Test("a migration that fails leaves nothing of itself behind, and can be mended")
    func failing() async throws {
        let database = try SQLiteDatabase.open(path: ":memory:")
        let broken = Migration(id: 2, name: "refunds") { _ in
            ["CREATE TABLE refunds (id BIGINT)", "CREATE TABEL oops (id BIGINT)"]
        }
        let error = await #expect(throws: DatabaseError.migration) {
            try await Migrator([Self.one, broken, Self.ten], clock: clock).migrate(database)
        }
        #expect(error?.message.contains("migration 2 (refunds) failed") == true)
        #expect(error?.message.contains("TABEL") == true)
        #expect(try await database.number("SELECT COUNT(*) FROM sqlite_master WHERE name IN ('refunds', 'shop')") == 0)
        let mended = Migrator([Self.one, Self.two, Self.ten], clock: clock)
        #expect(try await mended.migrate(database) == ["refunds", "shop"])
    }

    @Test("two migrations with one id are refused before anything happens")
    func duplicateIDs() async throws {
        let database = try SQLiteDatabase.open(path: ":memory:")
        let twin = Migration(id: 1, name: "twin") { _ in [] }
        await #expect(throws: DatabaseError.migration) { try await Migrator([Self.one, twin], clock: clock).migrate(database) }
        #expect(try await database.number("SELECT COUNT(*) FROM sqlite_master") == 0)
    }

    @Test("two who migrate one file at once share the work")
    func concurrent() async throws {
        try await withTemporaryDirectory { directory in
            let migrations = (1...20).map { id in
                Migration(id: Int64(id), name: "step \(id)") { _ in ["CREATE TABLE t\(id) (id BIGINT)"] }
            }
            let migrator = Migrator(migrations, clock: clock)
            let names = try await withThrowingTaskGroup(of: [String].self) { tasks in
                for _ in 0..<2 {
                    tasks.addTask {
                        let database = try SQLiteDatabase.open(path: directory + "/m.sqlite")
                        let names = try await migrator.migrate(database)
                        try await database.close()
                        return names
                    }
                }
                return try await tasks.reduce(into: []) { $0 += $1 }
            }
            #expect(names.sorted() == migrations.map(\.name).sorted())
        }
    }
}
