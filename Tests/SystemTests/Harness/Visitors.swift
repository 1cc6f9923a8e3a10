import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A port at which nobody should ever call.
struct Visitors {
    private let socket: Int32
    let port: Int

    init() throws {
        #if canImport(Glibc)
            socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            socket = Darwin.socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (socket, size) = (socket, length)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(socket, address, size) == 0 && listen(socket, 8) == 0 && getsockname(socket, address, &length) == 0
            }
        }
        guard isListening, fcntl(socket, F_SETFL, O_NONBLOCK) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    /// Whether a connection waits to be taken.
    var haveCome: Bool {
        let visitor = accept(socket, nil, nil)
        if visitor >= 0 { _ = Foundation.close(visitor) }
        return visitor >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK)
    }

    func close() { _ = Foundation.close(socket) }
}
