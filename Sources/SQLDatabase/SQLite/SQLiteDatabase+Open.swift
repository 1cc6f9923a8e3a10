import GRDB
internal import PaymentPrimitives
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension SQLiteDatabase {
    /// Opens a database file, or makes it, readable by its owner alone.
    ///
    /// - Parameters:
    ///   - path: a file, or `:memory:` for a database that nobody else sees and that ends with this value.
    ///   - synchronous: `.full` wherever money is real.
    ///   - busyTimeout: how long to wait, now and later, while another process changes the database; to the millisecond.
    /// - Throws: ``DatabaseError`` `.open`, which names the path, or `.busy` when another process held the file for
    ///   longer.
    package static func open(
        path: String, mode: Mode = .grouped, synchronous: Synchronous = .full,
        busyTimeout: Duration = .seconds(5)
    ) throws -> SQLiteDatabase {
        var configuration = Configuration()
        configuration.busyMode = .timeout(Double(busyTimeout.wholeMilliseconds) / 1000)
        configuration.prepareDatabase { connection in
            // Without it REPLACE would delete rows behind the back of an append-only trigger.
            try connection.execute(sql: "PRAGMA recursive_triggers = ON")
        }
        guard !path.isEmpty else { throw DatabaseError(.open, "the path of the database is empty") }
        let writer: any DatabaseWriter
        do {
            writer =
                path == ":memory:"
                ? try DatabaseQueue(configuration: configuration) : try openFile(path, configuration, busyTimeout)
            // GRDB sets NORMAL when it turns on the log, so FULL comes after it.
            try writer.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = \(synchronous.rawValue)") }
        } catch let error as GRDB.DatabaseError {
            throw explain(error, path)
        }
        let database = SQLiteDatabase(writer: writer, mode: mode)
        guard try database.writerPragma("synchronous") == String(synchronous.rawValue) else {
            throw DatabaseError(.open, "SQLite did not take synchronous=\(synchronous) for \(path)")
        }
        return database
    }

    /// One at a time: a file is made, and its log turned on, by one opener of this process.
    private static let opening = Mutex(())

    private static func openFile(
        _ path: String, _ configuration: Configuration, _ busyTimeout: Duration
    ) throws -> DatabasePool {
        try opening.withLock { _ in
            try createPrivately(path)
            // Two processes that turn on the log at once are told "busy" at once, without SQLite's own waiting. The wait
            // is real in every run: the other process has no other time.
            var triesLeft = busyTimeout.wholeMilliseconds / 10
            while true {
                do {
                    return try DatabasePool(path: path, configuration: configuration)
                } catch let error as GRDB.DatabaseError where error.resultCode == .SQLITE_BUSY && triesLeft > 0 {
                    triesLeft -= 1
                    usleep(10_000)
                }
            }
        }
    }

    private static func explain(_ error: GRDB.DatabaseError, _ path: String) -> DatabaseError {
        let reason = DatabaseError(error)
        let words =
            switch error.resultCode {
            case .SQLITE_NOTADB: "it is not an SQLite database"
            case .SQLITE_CANTOPEN: "it is a directory, or there is no permission to read and write it"
            case .SQLITE_READONLY: "there is no permission to write it or its directory"
            case .SQLITE_BUSY: "another process holds it"
            default: reason.message
            }
        return DatabaseError(reason.code == .busy ? .busy : .open, "cannot open \(path): \(words)", underlying: reason)
    }
}

/// Makes the file, if it is not there, with mode 0600; SQLite gives its log the same.
///
/// An existing file must not be opened here: to close it again would drop every lock that this process has on it.
private func createPrivately(_ path: String) throws {
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor < 0 else {
        close(descriptor)
        return
    }
    switch errno {
    case EEXIST: return
    case ENOENT: throw DatabaseError(.open, "cannot make \(path): its directory does not exist")
    case ENOTDIR: throw DatabaseError(.open, "cannot make \(path): a part of the path is not a directory")
    case EACCES, EPERM: throw DatabaseError(.open, "cannot make \(path): no permission to write in its directory")
    case EROFS: throw DatabaseError(.open, "cannot make \(path): the file system is read-only")
    case let code: throw DatabaseError(.open, "cannot make \(path): \(String(cString: strerror(code)))")
    }
}
