import Foundation
import NIOCore
import NIOPosix

/// Asks the system for the addresses of a host.
struct HostResolver: Sendable {
    /// Asking blocks, so it has threads of its own: a name server that hangs must not hold up anything else.
    private static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 8)
        pool.start()
        return pool
    }()

    /// Every address that the host has, in the order in which the system would try them; numbers are read as the system
    /// reads them, also `2130706433`.
    @concurrent
    func addresses(of host: String) async throws -> [IPAddress] {
        try await Self.threads.runIfActive { try Self.lookUp(host) }
    }

    struct Failure: Error {
        let reason: String
    }

    private static func lookUp(_ host: String) throws -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        #if canImport(Glibc)
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
            hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, nil, &hints, &list)
        guard status == 0 else { throw Failure(reason: String(cString: gai_strerror(status))) }
        defer { freeaddrinfo(list) }
        var found: [IPAddress] = []
        var entry = list
        while let this = entry {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            if getnameinfo(this.pointee.ai_addr, this.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
                == 0
            {
                let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
                let written = String(decoding: bytes, as: UTF8.self)
                // One with a zone, such as fe80::1%eth0, is link-local, and is refused as what it is.
                let plain = written.prefix { $0 != "%" }
                guard let address = IPAddress(String(plain)) else { throw Failure(reason: "an address cannot be read") }
                found.append(address)
            }
            entry = this.pointee.ai_next
        }
        return found
    }
}
