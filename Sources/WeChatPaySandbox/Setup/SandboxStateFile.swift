import Foundation

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The state in one file, replaced by renaming: after a crash it is the old one or the new one.
struct SandboxStateFile: SandboxStateStore {
    let url: URL
    /// Held as long as the state may be written.
    let lock: FolderLock

    var name: String { url.path }

    func load() throws -> [UInt8]? {
        guard FileManager.default.fileExists(atPath: url.path) else { return nil }
        do {
            return Array(try Data(contentsOf: url))
        } catch { throw SandboxError(.storage, "\(url.path) cannot be read: \(posixReason(error))") }
    }

    func save(_ bytes: [UInt8]) throws {
        // Not `.atomic` of Foundation's: the state holds keys, and must never lie there readable, not for a moment either.
        let new = url.appendingPathExtension("new").path
        guard FileManager.default.createFile(atPath: new, contents: Data(bytes), attributes: [.posixPermissions: 0o600]),
            rename(new, url.path) == 0
        else { throw SandboxError(.storage, "\(url.path) cannot be written: \(String(cString: strerror(errno)))") }
    }
}
