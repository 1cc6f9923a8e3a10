import Synchronization

/// PostgreSQL behind the seam: a few threads, each with a connection of its own; a unit is a transaction.
///
/// Units run beside each other in READ COMMITTED, so whatever decides about a row changes it first. The server puts commits
/// that come at the same time into one write to its log. A unit that loses against another (serialization failure,
/// deadlock), or whose server goes away before COMMIT, is run again.
package final class PostgreSQLDatabase: Database {
    private struct State {
        var waiting = UnitQueue()
        var idle: [PostgreSQLWorker]
        var busyCount = 0
        var isClosed = false
        var closers: [CheckedContinuation<Void, Never>] = []

        mutating func closersIfIdle() -> [CheckedContinuation<Void, Never>] {
            guard busyCount == 0 else { return [] }
            defer { closers = [] }
            return closers
        }
    }

    package let dialect = Dialect.postgresql
    private let workers: [PostgreSQLWorker]
    private let state: Mutex<State>

    private init(_ workers: [PostgreSQLWorker]) {
        self.workers = workers
        state = Mutex(State(idle: workers.reversed()))
    }

    /// Connects to a database, which has to exist.
    ///
    /// - Parameters:
    ///   - connections: how many units run beside each other. A connection is made when it is needed.
    ///   - patience: how long a unit waits for a lock, and for a server that is away; to the millisecond.
    /// - Throws: ``DatabaseError`` `.unreachable`, with libpq's words, or `.open` for a server older than 15 or a database
    ///   in another encoding than UTF-8. No message has the password.
    package static func open(
        _ address: PostgreSQLAddress, connections: Int = 16, patience: Duration = .seconds(5)
    ) async throws -> PostgreSQLDatabase {
        guard connections > 0 else { throw DatabaseError(.open, "connections: at least 1 is needed") }
        let texts = StatementTexts()
        let workers = (1...connections).map { PostgreSQLWorker(address, patience: patience, texts: texts, number: $0) }
        let database = PostgreSQLDatabase(workers)
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            workers[0].start { continuation.resume(with: Result { try workers[0].connect() }) }
        }
        return database
    }

    package func write<T: Sendable>(
        _ merchant: String, _ body: @escaping @Sendable (any SQLTransaction) throws -> T
    ) async throws -> T {
        try await hand(isReadOnly: false, body)
    }

    package func read<T: Sendable>(_ body: @escaping @Sendable (any SQLTransaction) throws -> T) async throws -> T {
        try await hand(isReadOnly: true, body)
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
        for worker in workers {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                worker.start {
                    worker.disconnect()
                    continuation.resume()
                }
            }
        }
    }

    /// How many units wait for a connection now.
    package var waitingCount: Int { state.withLock { $0.waiting.count } }

    // MARK: The queue

    private func hand<T: Sendable>(
        isReadOnly: Bool, _ body: @escaping @Sendable (any SQLTransaction) throws -> T
    ) async throws -> T {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<T, any Error>) in
            enqueue(
                PostgreSQLUnit(
                    isReadOnly: isReadOnly,
                    run: { transaction in
                        let value = try body(transaction)
                        return { continuation.resume(returning: value) }
                    },
                    fail: { continuation.resume(throwing: $0) }))
        }
    }

    private func enqueue(_ unit: PostgreSQLUnit) {
        let (isClosed, worker) = state.withLock { state -> (Bool, PostgreSQLWorker?) in
            guard !state.isClosed else { return (true, nil) }
            guard let worker = state.idle.popLast() else {
                state.waiting.append(unit)
                return (false, nil)
            }
            state.busyCount += 1
            return (false, worker)
        }
        if isClosed { unit.fail(DatabaseError(.closed, "the database was closed")) }
        worker?.start { self.serve(unit, on: worker) }
    }

    /// Runs a unit and then, on the same thread, those that wait.
    private func serve(_ first: PostgreSQLUnit, on worker: PostgreSQLWorker?) {
        guard let worker else { return }
        var next: PostgreSQLUnit? = first
        while let unit = next {
            worker.run(unit)
            let closers: [CheckedContinuation<Void, Never>]
            (next, closers) = state.withLock { state in
                if let waiting = state.waiting.popFirst() { return (waiting, []) }
                // The last to come back is the first to go: few connections serve little work.
                state.idle.append(worker)
                state.busyCount -= 1
                return (nil, state.closersIfIdle())
            }
            for closer in closers { closer.resume() }
        }
    }
}

/// First in, first out, without moving the rest for each that leaves.
private struct UnitQueue {
    private var units: [PostgreSQLUnit?] = []
    private var head = 0

    var count: Int { units.count - head }

    mutating func append(_ unit: PostgreSQLUnit) { units.append(unit) }

    mutating func popFirst() -> PostgreSQLUnit? {
        guard head < units.count else { return nil }
        let unit = units[head]
        units[head] = nil
        head += 1
        if head > 64, head * 2 > units.count {
            units.removeFirst(head)
            head = 0
        }
        return unit
    }
}
