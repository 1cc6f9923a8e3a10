import Dispatch

/// A thread with its connection, which is made when the first unit comes and again when it broke.
final class PostgreSQLWorker: Sendable {
    /// How often a unit is begun again because another was first, or because the server went away.
    private static let mostConflicts = 20
    private static let mostLosses = 3

    private let address: PostgreSQLAddress
    private let patience: Duration
    private let texts: StatementTexts
    private let queue: DispatchQueue
    /// Touched on ``queue`` alone.
    private nonisolated(unsafe) var connection: PostgreSQLConnection?

    init(_ address: PostgreSQLAddress, patience: Duration, texts: StatementTexts, number: Int) {
        self.address = address
        self.patience = patience
        self.texts = texts
        queue = DispatchQueue(label: "PostgreSQL \(number)")
    }

    /// Does something on the worker's thread.
    func start(_ work: @escaping @Sendable () -> Void) { queue.async(execute: work) }

    /// Runs a unit to its end. On the worker's thread.
    func run(_ unit: PostgreSQLUnit) {
        do {
            try deliverable(unit)()
        } catch {
            unit.fail(error)
        }
    }

    private func deliverable(_ unit: PostgreSQLUnit) throws -> @Sendable () -> Void {
        var conflicts = 0
        var losses = 0
        while true {
            let connection = try connected()
            do {
                return try connection.transaction(isReadOnly: unit.isReadOnly, texts, unit.run)
            } catch {
                let obstacle = connection.obstacle
                if obstacle == .lost || !connection.isUsable { disconnect() }
                switch obstacle {
                case .conflict where conflicts < Self.mostConflicts: conflicts += 1
                case .lost where losses < Self.mostLosses: losses += 1
                default: throw error
                }
            }
        }
    }

    /// Connects now, with no second try. On the worker's thread.
    func connect() throws {
        if connection == nil { connection = try PostgreSQLConnection.open(address, lockTimeout: patience) }
    }

    /// On the worker's thread.
    func disconnect() {
        connection?.close()
        connection = nil
    }

    private func connected() throws -> PostgreSQLConnection {
        if let connection { return connection }
        let made = try PostgreSQLConnection.open(address, lockTimeout: patience, patience: patience)
        connection = made
        return made
    }
}

/// One unit: its body, which gives what tells its caller of its success, and what tells of its failure.
struct PostgreSQLUnit: Sendable {
    let isReadOnly: Bool
    let run: @Sendable (any SQLTransaction) throws -> @Sendable () -> Void
    let fail: @Sendable (any Error) -> Void
}
