import Dispatch
import Foundation
import Synchronization

@testable import SQLDatabase

/// A new directory that is removed afterwards.
func withTemporaryDirectory<T>(_ body: (_ directory: String) async throws -> T) async throws -> T {
    var template = Array((NSTemporaryDirectory() + "/sqldatabase-XXXXXX").utf8CString)
    guard let made = mkdtemp(&template) else { throw DatabaseError(.open, "no temporary directory") }
    let directory = String(cString: made)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    return try await body(directory)
}

/// A database file in a directory of its own.
func withFile<T>(
    _ mode: SQLiteDatabase.Mode = .grouped, _ body: (_ database: SQLiteDatabase, _ path: String) async throws -> T
) async throws -> T {
    try await withTemporaryDirectory { directory in
        let path = directory + "/test.sqlite"
        let database = try SQLiteDatabase.open(path: path, mode: mode)
        let value = try await body(database, path)
        try await database.close()
        return value
    }
}

/// Stops the writer inside a unit, so that a test decides who shares a commit.
final class Gate: Sendable {
    private let isReached = Atomic(false)
    private let semaphore = DispatchSemaphore(value: 0)

    /// Called in a unit: waits for ``open()``.
    func pass() {
        isReached.store(true, ordering: .releasing)
        semaphore.wait()
    }

    func open() { semaphore.signal() }

    func reached() async {
        await eventually { self.isReached.load(ordering: .acquiring) }
    }
}

/// Waits until something is so.
func eventually(_ condition: () -> Bool) async {
    while !condition() { await Task.yield() }
}

/// Hands in units in order while the writer is held, lets them go together, and returns what each came to.
func together<T: Sendable>(
    _ database: SQLiteDatabase, _ bodies: [@Sendable (any SQLTransaction) throws -> T]
) async throws -> [Result<T, any Error>] {
    let gate = Gate()
    async let held: Void = database.write("m") { _ in gate.pass() }
    await gate.reached()
    let results = await withTaskGroup(of: (Int, Result<T, any Error>).self) { tasks in
        for (index, body) in bodies.enumerated() {
            tasks.addTask {
                do {
                    return (index, .success(try await database.write("m", body)))
                } catch {
                    return (index, .failure(error))
                }
            }
            await eventually { database.waitingCount == index + 1 }
        }
        gate.open()
        var results: [Int: Result<T, any Error>] = [:]
        for await (index, result) in tasks { results[index] = result }
        return bodies.indices.compactMap { results[$0] }
    }
    try await held
    return results
}

extension Result {
    var value: Success? { try? get() }
    var error: DatabaseError? {
        if case .failure(let error) = self { error as? DatabaseError } else { nil }
    }
}

extension Database {
    func run(_ statements: String...) async throws {
        try await write("m") { transaction in
            for statement in statements { try transaction.execute(statement) }
        }
    }

    /// The one integer that a query returns.
    func number(_ sql: String) async throws -> Int64? {
        try await read { try $0.queryOne(sql)?.integer(0) }
    }
}
