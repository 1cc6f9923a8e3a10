import Foundation
import Testing

@testable import SQLDatabase

@Suite("Opening SQLite")
struct OpeningTests {
    @Test("the writer has synchronous=FULL, a write-ahead log and foreign keys")
    func settings() async throws {
        try await withFile { database, _ in
            let names = ["synchronous", "journal_mode", "foreign_keys", "busy_timeout"]
            let values = try names.map(database.writerPragma)
            #expect(values == ["2", "wal", "1", "5000"])
        }
        try await withTemporaryDirectory { directory in
            let database = try SQLiteDatabase.open(path: directory + "/n.sqlite", synchronous: .normal)
            #expect(try database.writerPragma("synchronous") == "1")
            try await database.close()
        }
    }

    @Test("the file and its log belong to their owner alone")
    func permissions() async throws {
        try await withFile { database, path in
            try await database.run("CREATE TABLE t (id BIGINT)")
            for file in [path, path + "-wal", path + "-shm"] {
                var info = stat()
                #expect(stat(file, &info) == 0)
                #expect(info.st_mode & 0o777 == 0o600)
            }
        }
    }

    @Test("what is written is there after opening again")
    func reopening() async throws {
        try await withFile { database, path in
            try await database.run("CREATE TABLE t (id BIGINT)", "INSERT INTO t VALUES (7)")
            try await database.close()
            let again = try SQLiteDatabase.open(path: path)
            #expect(try await again.number("SELECT id FROM t") == 7)
            try await again.close()
        }
    }

    @Test("a memory database is its own, and reads see what was written")
    func memory() async throws {
        let one = try SQLiteDatabase.open(path: ":memory:")
        let other = try SQLiteDatabase.open(path: ":memory:")
        try await one.run("CREATE TABLE t (id BIGINT)")
        #expect(try await one.number("SELECT COUNT(*) FROM t") == 0)
        await #expect(throws: DatabaseError.statement) { try await other.number("SELECT COUNT(*) FROM t") }
    }

    @Test("errors of opening name the path and the reason")
    func errors() async throws {
        try await withTemporaryDirectory { directory in
            let junk = directory + "/junk.sqlite"
            try Data(repeating: 0x78, count: 8192).write(to: URL(filePath: junk))
            let expectations = [
                (directory + "/missing/x.sqlite", "its directory does not exist"),
                (junk + "/x.sqlite", "not a directory"),
                (junk, "not an SQLite database"),
                (directory, "it is a directory"),
            ]
            for (path, reason) in expectations {
                let error = #expect(throws: DatabaseError(.open, "")) { try SQLiteDatabase.open(path: path) }
                #expect(error?.message.contains(path) == true)
                #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
            }
            #expect(throws: DatabaseError(.open, "")) { try SQLiteDatabase.open(path: "") }
        }
    }

    @Test("another connection that holds the file is waited for, and in the end it is busy")
    func busy() async throws {
        try await withFile { holder, path in
            try await holder.run("CREATE TABLE t (id BIGINT)")
            let patient = try SQLiteDatabase.open(path: path)
            let hasty = try SQLiteDatabase.open(path: path, busyTimeout: .milliseconds(20))
            let gate = Gate()
            async let held: Void = holder.write("m") { transaction in
                try transaction.execute("INSERT INTO t VALUES (1)")
                gate.pass()
            }
            await gate.reached()
            async let waiting: Void = patient.run("INSERT INTO t VALUES (2)")
            await #expect(throws: DatabaseError.busy) { try await hasty.run("INSERT INTO t VALUES (3)") }
            #expect(try await hasty.number("SELECT COUNT(*) FROM t") == 0)
            gate.open()
            _ = try await (held, waiting)
            #expect(try await hasty.number("SELECT COUNT(*) FROM t") == 2)
            try await patient.close()
            try await hasty.close()
        }
    }

    @Test(
        "addresses are read",
        arguments: [
            ("sqlite:///var/lib/pay.sqlite", "/var/lib/pay.sqlite"), ("sqlite:pay.sqlite", "pay.sqlite"),
            ("sqlite:data/pay.sqlite", "data/pay.sqlite"), ("sqlite::memory:", ":memory:"), ("SQLite:/a b", "/a b"),
        ])
    func addresses(text: String, path: String) throws {
        #expect(try DatabaseURL(text) == .sqlite(path: path))
    }

    @Test(
        "other addresses are refused with the forms that work, and nothing of a password",
        arguments: [
            ("mysql://u:hunter2@h/pay", "url"), ("hunter2.sqlite", "url"), ("", "url"), ("sqlite:", "url"), ("sqlite://", "url"),
            ("sqlite:///", "url"), ("sqlite://hunter2/x", "url"), ("sqlite:///x?mode=hunter2", "url"),
        ])
    func refusedAddresses(text: String, code: String) {
        let error = #expect(throws: DatabaseError.self) { try DatabaseURL(text) }
        #expect(error?.code.description == code)
        #expect(error?.message.contains("sqlite:///absolute/path.sqlite") == true)
        #expect(error?.message.contains("hunter2") == false)
    }
}
