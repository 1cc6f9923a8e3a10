import Foundation
internal import SQLDatabase
import Synchronization

/// A PostgreSQL server of this test process alone, in a temporary folder, reached through a socket in it.
///
/// A script runs the server and holds the other end of a pipe: however this process ends, the script notices, stops the
/// server and removes the folder. `WECHATPAY_TEST_POSTGRESQL` names a server that is there already instead.
package enum PostgreSQLServer {
    /// The address of the server's database; started at the first question.
    package static func address() throws -> String { try started.get() }

    private static let started = Result { try start() }
    private static let count = Atomic(0)

    /// The address of a new, empty schema in the server's database.
    package static func newSchema() async throws -> String {
        let name = "test_\(ProcessInfo.processInfo.processIdentifier)_\(count.add(1, ordering: .relaxed).newValue)"
        let address = try address()
        let database = try await PostgreSQLDatabase.open(PostgreSQLAddress(address), connections: 1)
        _ = try await database.write("") { try $0.execute("CREATE SCHEMA \(name)") }
        try await database.close()
        return address + (address.contains("?") ? "&" : "?") + "options=-c%20search_path%3D" + name
    }

    /// Removes what ``newSchema()`` made.
    package static func drop(_ address: String) async throws {
        guard let name = address.split(separator: "%3D").last else { return }
        let database = try await PostgreSQLDatabase.open(PostgreSQLAddress(Self.address()), connections: 1)
        _ = try await database.write("") { try $0.execute("DROP SCHEMA \(name) CASCADE") }
        try await database.close()
    }

    private static let lifeline = Mutex<FileHandle?>(nil)

    private static func start() throws -> String {
        if let given = ProcessInfo.processInfo.environment["WECHATPAY_TEST_POSTGRESQL"] { return given }
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", script]
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        lifeline.withLock { $0 = input.fileHandleForWriting }
        var text = ""
        while !text.contains("\n") {
            let piece = output.fileHandleForReading.availableData
            guard !piece.isEmpty else { break }
            text += String(decoding: piece, as: UTF8.self)
        }
        guard text.hasPrefix("ready ") else { throw Missing(words: text) }
        return "postgresql://pay@/postgres?host=" + text.dropFirst(6).prefix { $0 != "\n" }
    }

    /// Why there is no server.
    struct Missing: Error, CustomStringConvertible {
        let words: String
        var description: String {
            """
            No PostgreSQL could be started (\(words.isEmpty ? "see above" : words)): install the package postgresql, version 15 \
            or newer, or name a server in WECHATPAY_TEST_POSTGRESQL
            """
        }
    }

    /// As root it becomes the user postgres, since PostgreSQL refuses to run as root. The collation is one of a language, so
    /// that what relies on the order of bytes without saying so is found out. Nothing here outlives a power cut.
    private static let script = """
        set -e
        bin=$(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql@*/bin 2>/dev/null | sort -V | tail -n 1)
        PATH=$bin:$PATH
        if ! command -v initdb >/dev/null; then echo "there is no initdb"; exit 1; fi
        folder=$(mktemp -d /tmp/wechatpay-pg-XXXXXX)
        as=()
        if [ "$(id -u)" = 0 ]; then
            chown postgres "$folder"
            chmod 755 "$folder"
            as=(runuser -u postgres --)
        fi
        trap 'kill -QUIT "$server" 2>/dev/null; wait "$server" 2>/dev/null; rm -rf "$folder"' EXIT
        cd "$folder"
        "${as[@]}" "$(command -v initdb)" --no-sync -D "$folder/data" -A trust -U pay -E UTF8 --locale=C.UTF-8 \
            --locale-provider=icu --icu-locale=en-US >"$folder/log" 2>&1 || { tail -n 3 "$folder/log"; exit 1; }
        "${as[@]}" "$(command -v postgres)" -D "$folder/data" -F -c listen_addresses= -c unix_socket_directories="$folder" \
            -c max_connections=500 -c deadlock_timeout=100ms >"$folder/log" 2>&1 </dev/null &
        server=$!
        until "$(command -v pg_isready)" -q -h "$folder"; do
            kill -0 "$server" 2>/dev/null || { tail -n 3 "$folder/log"; exit 1; }
            sleep 0.05
        done
        echo "ready $folder"
        cat >/dev/null
        pid=$(head -n 1 "$folder/data/postmaster.pid")
        kill -QUIT "$pid" 2>/dev/null || true
        """
}
