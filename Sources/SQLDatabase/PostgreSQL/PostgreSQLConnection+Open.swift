internal import CLibPQ
internal import PaymentPrimitives

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension PostgreSQLConnection {
    /// libpq's keywords where the address says nothing.
    ///
    /// A server that vanishes without a word must not hold a thread for the two hours that TCP would wait.
    private static let defaults = [
        "application_name": "wechatpay", "connect_timeout": "5", "target_session_attrs": "read-write", "keepalives_idle": "15",
        "keepalives_interval": "5", "keepalives_count": "3", "tcp_user_timeout": "30000",
    ]

    /// Connects once.
    ///
    /// - Throws: ``DatabaseError`` `.open` when this server will never do, `.unreachable` when it may do later.
    static func open(_ address: PostgreSQLAddress, lockTimeout: Duration) throws -> PostgreSQLConnection {
        var options = Self.defaults.merging(try address.options()) { _, said in said }
        options["client_encoding"] = "UTF8"
        let words = options.flatMap { [$0.key, $0.value] }.map { (word: String) -> UnsafeMutablePointer<CChar>? in strdup(word) }
        defer { for word in words { free(word) } }
        func every(_ start: Int) -> [UnsafePointer<CChar>?] {
            stride(from: start, to: words.count, by: 2).map { UnsafePointer<CChar>(words[$0]) } + [nil]
        }
        guard let connection = PQconnectdbParams(every(0), every(1), 0) else {
            throw DatabaseError(.unreachable, "no memory for a connection to PostgreSQL")
        }
        let opened = PostgreSQLConnection(connection)
        guard PQstatus(connection) == CONNECTION_OK else {
            let message = opened.connectionMessage
            opened.close()
            throw DatabaseError(.unreachable, "cannot connect to PostgreSQL: \(message)")
        }
        do {
            try opened.prepare(lockTimeout)
        } catch {
            opened.close()
            throw error
        }
        return opened
    }

    private func prepare(_ lockTimeout: Duration) throws {
        // libpq prints notices; nobody reads them.
        PQsetNoticeReceiver(connection, { _, _ in }, nil)
        let version = PQserverVersion(connection)
        guard version >= 150_000 else {
            throw DatabaseError(.open, "PostgreSQL 15 or newer is needed; this one is \(version / 10_000)")
        }
        guard let encoding = PQparameterStatus(connection, "server_encoding"), String(cString: encoding) == "UTF8" else {
            throw DatabaseError(.open, "the PostgreSQL database must have the encoding UTF8; make it with ENCODING 'UTF8'")
        }
        // A commit lasts whatever the server's own setting; remote_apply is stronger and stays. A session that stops in the
        // middle of a unit gives its locks back after a minute.
        try command(
            """
            SELECT set_config('lock_timeout', '\(lockTimeout.wholeMilliseconds)', false),
                set_config('idle_in_transaction_session_timeout', '60000', false),
                set_config('synchronous_commit', CASE current_setting('synchronous_commit')
                    WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false)
            """)
    }

    /// Connects, and tries again at rising intervals while the server is away.
    ///
    /// The wait is real in every run: the other process has no other time.
    static func open(_ address: PostgreSQLAddress, lockTimeout: Duration, patience: Duration) throws -> PostgreSQLConnection {
        var pause: Int64 = 25
        var left = patience.wholeMilliseconds
        while true {
            do {
                return try open(address, lockTimeout: lockTimeout)
            } catch let error as DatabaseError where error == .unreachable && left > 0 {
                let wait = min(pause, left)
                usleep(UInt32(wait * 1000))
                left -= wait
                pause = min(pause * 2, 1000)
            }
        }
    }
}
