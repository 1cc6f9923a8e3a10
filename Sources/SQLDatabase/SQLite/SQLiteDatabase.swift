import Dispatch
import GRDB
import Synchronization

/// SQLite behind the seam: one writer that commits waiting units together, and readers beside it.
///
/// A durable commit costs a disk a few milliseconds, whatever it holds. So all units that wait when a commit ends share
/// the next one, each in a savepoint of its own; nobody waits for company.
package final class SQLiteDatabase: Database {
    /// On which thread the work is done.
    package enum Mode: Sendable {
        /// On a writer's and on readers' threads, with commits shared by units.
        case grouped
        /// On the caller's thread, a commit a unit, in the order of the calls: for simulation.
        case inline
    }

    /// When a commit is on the disk.
    package enum Synchronous: Int, Sendable {
        /// With the next checkpoint: a power cut loses the last commits, but never tears one.
        case normal = 1
        /// When `write` returns.
        case full = 2
    }

    /// The most units that share a commit: a bound for how long the first of them waits for its answer.
    static let largestGroup = 128

    private struct State {
        var waiting: [WriteUnit] = []
        var isDraining = false
        /// Reads, and units on their caller's thread.
        var running = 0
        var isClosed = false
        var closers: [CheckedContinuation<Void, Never>] = []

        var isIdle: Bool { waiting.isEmpty && !isDraining && running == 0 }

        mutating func closersIfIdle() -> [CheckedContinuation<Void, Never>] {
            guard isIdle else { return [] }
            defer { closers = [] }
            return closers
        }
    }

    package let dialect = Dialect.sqlite
    private let writer: any DatabaseWriter
    private let mode: Mode
    private let group: SQLiteGroup
    private let state = Mutex(State())
    private let connectionsAreClosed = Mutex(false)

    init(writer: any DatabaseWriter, mode: Mode) {
        self.writer = writer
        self.mode = mode
        group = SQLiteGroup()
    }

    /// How many commits there were since opening; fewer than units when units shared them.
    package var commitCount: Int { group.commitCount }

    /// How many units wait for the writer now.
    package var waitingCount: Int { state.withLock { $0.waiting.count } }

    package func write<T: Sendable>(
        _ merchant: String, _ body: @escaping @Sendable (any SQLTransaction) throws -> T
    ) async throws -> T {
        guard mode == .grouped else {
            try enter()
            defer { leave() }
            return try writer.writeHere { try group.commitAlone(body, on: $0) }
        }
        return try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<T, any Error>) in
            enqueue(
                WriteUnit(
                    run: { transaction in
                        let value = try body(transaction)
                        return { continuation.resume(returning: value) }
                    },
                    fail: { continuation.resume(throwing: $0) }))
        }
    }

    package func read<T: Sendable>(_ body: @escaping @Sendable (any SQLTransaction) throws -> T) async throws -> T {
        try enter()
        guard mode == .grouped else {
            defer { leave() }
            return try translatingGRDB {
                try writer.readHere { try SQLiteTransaction.run($0, group.texts, isReadOnly: true, body) }
            }
        }
        return try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<T, any Error>) in
            writer.asyncRead { [self] database in
                let answer = Result {
                    try translatingGRDB {
                        try SQLiteTransaction.run(database.get(), group.texts, isReadOnly: true, body)
                    }
                }
                leave()
                continuation.resume(with: answer)
            }
        }
    }

    package func close() async throws {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let ready = state.withLock { state in
                state.isClosed = true
                state.closers.append(continuation)
                return state.closersIfIdle()
            }
            for closer in ready { closer.resume() }
        }
        guard mode == .grouped else { return try closeNow() }
        // Closing waits for readers and may copy the whole log into the database: not on a thread of the tasks.
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            DispatchQueue.global().async { continuation.resume(with: Result { try self.closeNow() }) }
        }
    }

    /// A pragma's value on the writing connection.
    func writerPragma(_ name: String) throws -> String {
        try writer.writeHere { try String.fetchOne($0, sql: "PRAGMA \(name)") ?? "" }
    }

    // MARK: The queue

    private func enqueue(_ unit: WriteUnit) {
        let (isClosed, isFirst) = state.withLock { state in
            guard !state.isClosed else { return (true, false) }
            state.waiting.append(unit)
            defer { state.isDraining = true }
            return (false, !state.isDraining)
        }
        if isClosed { unit.fail(Self.closed) }
        if isFirst { scheduleDrain() }
    }

    private func scheduleDrain() {
        writer.asyncWriteWithoutTransaction { [self] database in drain(database) }
    }

    /// Commits what waits, then lets others of the queue pass (reads, where there is one connection) and looks again.
    private func drain(_ database: GRDB.Database) {
        let units = state.withLock { state in
            let units = Array(state.waiting.prefix(Self.largestGroup))
            state.waiting.removeFirst(units.count)
            return units
        }
        group.commit(units, on: database)
        let (isMore, closers) = state.withLock { state in
            state.isDraining = !state.waiting.isEmpty
            return (state.isDraining, state.closersIfIdle())
        }
        if isMore { scheduleDrain() }
        for closer in closers { closer.resume() }
    }

    private func enter() throws {
        try state.withLock { state in
            guard !state.isClosed else { throw Self.closed }
            state.running += 1
        }
    }

    private func leave() {
        let closers = state.withLock { state in
            state.running -= 1
            return state.closersIfIdle()
        }
        for closer in closers { closer.resume() }
    }

    private func closeNow() throws {
        try connectionsAreClosed.withLock { areClosed in
            guard !areClosed else { return }
            try translatingGRDB {
                // Readers first: the last connection to close copies the log into the database and removes it, and
                // only the writer may.
                (writer as? DatabasePool)?.releaseMemory()
                try writer.close()
            }
            areClosed = true
        }
    }

    private static var closed: DatabaseError { DatabaseError(.closed, "the database was closed") }
}

extension DatabaseWriter {
    /// GRDB's blocking functions under names of their own: in an async function the plain names mean the others.
    func writeHere<T>(_ work: (GRDB.Database) throws -> T) throws -> T { try writeWithoutTransaction(work) }
    func readHere<T>(_ work: (GRDB.Database) throws -> T) throws -> T { try read(work) }
}

/// Lets no error of GRDB out of this target.
func translatingGRDB<T>(_ work: () throws -> T) throws -> T {
    do {
        return try work()
    } catch let error as GRDB.DatabaseError {
        throw DatabaseError(error)
    }
}
