import Foundation
import PaymentPrimitives

extension ConfigurationLoader {
    /// The most that a key file may hold, in bytes.
    static let keyFileLimit = 65_536
    /// The most that a YAML file may hold, in bytes.
    static let yamlLimit = 1_048_576

    /// A path of the configuration: relative ones start at the configuration file's directory.
    func resolve(_ path: String) -> String {
        guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
        return file[...slash] + path
    }

    /// What a file holds, and its permission bits.
    func read(_ path: String, limit: Int) throws(ConfigurationComplaint) -> (bytes: [UInt8], mode: UInt32) {
        // Not blocking, or a FIFO would hold up the start for ever.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT, ENOTDIR: throw ConfigurationComplaint("does not exist")
            case EACCES: throw ConfigurationComplaint("may not be read by this process")
            case let code: throw ConfigurationComplaint("cannot be opened (errno \(code))")
            }
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw ConfigurationComplaint("is not a file")
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Foundation.read(descriptor, &chunk, chunk.count)
            guard count >= 0 else { throw ConfigurationComplaint("cannot be read (errno \(errno))") }
            if count == 0 { break }
            bytes += chunk[..<count]
            if bytes.count > limit { throw ConfigurationComplaint("is larger than \(limit / 1024) KiB") }
        }
        return (bytes, UInt32(status.st_mode & 0o7777))
    }

    /// What is in a file that need not be secret but must be ours: the key that decides whom we believe, the prices.
    func readTrustedFile(_ path: String, limit: Int) throws(ConfigurationComplaint) -> [UInt8] {
        let (bytes, mode) = try read(path, limit: limit)
        guard mode & 0o002 == 0 else {
            throw ConfigurationComplaint("may be changed by everybody; take that right away (chmod o-w)")
        }
        return bytes
    }

    /// What is in a key file, without line ends at its end.
    ///
    /// A file that the group may write, or that others may read or write, is refused; `warn` is called instead where
    /// the configuration allows it.
    func readKeyFile(_ path: String, warn: (String) -> Void) throws(ConfigurationComplaint) -> Secret {
        try secret(try readKeyBytes(path, warn: warn))
    }

    /// The same, byte for byte.
    func readKeyBytes(_ path: String, warn: (String) -> Void) throws(ConfigurationComplaint) -> [UInt8] {
        let (bytes, mode) = try read(path, limit: Self.keyFileLimit)
        if mode & 0o026 != 0 {
            let octal = String(mode, radix: 8)
            let who = "may be read or changed by others (mode \(String(repeating: "0", count: max(0, 4 - octal.count)))\(octal))"
            guard allowsReadableKeyFiles else {
                throw ConfigurationComplaint(who + "; give it mode 0600, or set allow_readable_key_files: true")
            }
            warn(who + "; allow_readable_key_files lets it pass")
        }
        return bytes
    }

    /// A secret without line ends at its end, if something is left.
    func secret(_ bytes: [UInt8]) throws(ConfigurationComplaint) -> Secret {
        let secret = Secret(bytes.reversed().drop { $0 == 0x0A || $0 == 0x0D }.reversed())
        guard secret.count > 0 else { throw ConfigurationComplaint("is empty") }
        guard !secret.isBlank else { throw ConfigurationComplaint("is blank") }
        return secret
    }

    /// How a message calls the file at `path`. Somebody may have written the secret itself where its file belongs, so
    /// only what surely is a path is shown: its directory exists (but for `/`, with which Base64 may begin), or it ends
    /// like a key file.
    func shown(path: String, written: String) -> String {
        let directory = written.lastIndex(of: "/").map { resolve(String(written[...$0])) }
        var status = stat()
        let isPath =
            directory.map { $0 != "/" && stat($0, &status) == 0 } == true
            || [".pem", ".p12", ".key", ".txt", ".crt", ".yaml", ".yml"].contains { written.hasSuffix($0) }
        return isPath ? "the file \(path)" : "the file that it names"
    }

    /// How a message calls an environment variable; as with files, what may be a secret is not shown.
    func shown(variable: String) -> String {
        let parts = variable.split(separator: "_", omittingEmptySubsequences: false)
        let isName = parts.allSatisfy { part in
            (1...20).contains(part.count) && part.utf8.allSatisfy { (65...90).contains($0) || (48...57).contains($0) }
        }
        return isName ? "the environment variable \(variable)" : "the environment variable that it names"
    }
}
