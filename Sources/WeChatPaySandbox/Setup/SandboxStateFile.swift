import Foundation

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
        try Data(bytes).write(to: url, options: .atomic)
    }
}
