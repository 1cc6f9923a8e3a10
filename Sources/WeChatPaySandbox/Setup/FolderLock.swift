import Foundation

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Keeps a second process out of a folder: each would write the whole state from its own memory over the other's.
///
/// Held as long as the value lives; the system lets go of it when the process ends, however it ends. A lock of the
/// process: whoever opens a folder twice in one process must know what they do, as a test does.
final class FolderLock: Sendable {
    private let descriptor: Int32

    /// - Throws: ``SandboxError`` with code `storage` when another process holds the folder.
    init(_ folder: URL) throws {
        let path = folder.appendingPathComponent("lock").path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw SandboxError(.storage, "\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        guard fcntl(descriptor, F_SETLK, &lock) == 0 else {
            close(descriptor)
            throw SandboxError(
                .storage, "\(folder.path) is in use by another sandbox; stop that one, or take another folder")
        }
    }

    deinit { close(descriptor) }
}
