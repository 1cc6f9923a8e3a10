import Foundation

/// A number of keep-alive connections, each sending its next request when the last one is answered.
///
/// One thread and `poll`, requests made beforehand: the load shares the machine with the server, so it has to be cheap.
struct HTTPLoad {
    struct Answer: Sendable {
        let status: Int
        let body: [UInt8]
        let milliseconds: Double
    }

    struct Result: Sendable {
        /// In the order of the requests.
        let answers: [Answer]
        let seconds: Double

        init(answers: [Answer], seconds: Double) {
            self.answers = answers
            self.seconds = seconds
        }

        /// Several runs as one.
        init(_ runs: [Result]) {
            self.init(answers: runs.flatMap(\.answers), seconds: runs.reduce(0) { $0 + $1.seconds })
        }

        /// In words.
        var times: String {
            """
            p50 \(decimals(percentile(0.5), 1)) ms, p99 \(decimals(percentile(0.99), 1)) ms, \
            max \(decimals(percentile(1), 1)) ms
            """
        }

        var perSecond: Double { Double(answers.count) / seconds }

        /// The time below which this share of the answers came.
        func percentile(_ share: Double) -> Double {
            let times = answers.map(\.milliseconds).sorted()
            guard !times.isEmpty else { return 0 }
            return times[min(times.count - 1, Int((Double(times.count) * share).rounded(.up)) - 1)]
        }

        /// - Throws: when an answer has another status.
        func expect(_ status: Int) throws -> Result {
            if let other = answers.first(where: { $0.status != status }) {
                let count = answers.count { $0.status != status }
                throw BenchmarkFailure(
                    "\(count) of \(answers.count) answers are not \(status), the first is \(other.status): "
                        + String(decoding: other.body.prefix(500), as: UTF8.self))
            }
            return self
        }
    }

    /// A request as bytes.
    static func post(_ path: String, headers: [(String, String)], body: [UInt8]) -> [UInt8] {
        var head = "POST \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: \(body.count)\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        return Array((head + "\r\n").utf8) + body
    }

    /// Sends all requests to a port of this machine and waits for all answers.
    static func run(port: Int, connections: Int, requests: [[UInt8]]) throws -> Result {
        var links: [Connection] = []
        defer { for link in links { close(link.descriptor) } }
        for _ in 0..<min(connections, requests.count) { links.append(Connection(descriptor: try connect(to: port))) }
        var answers = [Answer?](repeating: nil, count: requests.count)
        var next = 0
        var open = links.count
        let start = ContinuousClock.now
        for index in links.indices {
            try links[index].send(requests[next], number: next)
            next += 1
        }
        var polled = links.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        while open > 0 {
            guard poll(&polled, nfds_t(polled.count), 60_000) > 0 else {
                throw BenchmarkFailure("no answer within a minute; \(next - open) of \(requests.count) were given")
            }
            for index in links.indices where polled[index].revents != 0 {
                guard let answer = try links[index].receive() else { continue }
                answers[links[index].number] = answer
                if next < requests.count {
                    try links[index].send(requests[next], number: next)
                    next += 1
                } else {
                    // poll passes over negative descriptors.
                    polled[index].fd = -1
                    open -= 1
                }
            }
        }
        let spent = start.duration(to: .now)
        return Result(answers: answers.compactMap { $0 }, seconds: spent / .seconds(1))
    }

    private struct Connection {
        let descriptor: Int32
        private(set) var number = 0
        private var sentAt = ContinuousClock.now
        private var received: [UInt8] = []

        init(descriptor: Int32) {
            self.descriptor = descriptor
        }

        mutating func send(_ request: [UInt8], number: Int) throws {
            self.number = number
            received.removeAll(keepingCapacity: true)
            sentAt = .now
            // A kilobyte or two always fits into the socket's buffer, since the last one has been answered.
            guard write(descriptor, request, request.count) == request.count else {
                throw BenchmarkFailure("a request could not be sent: \(String(cString: strerror(errno)))")
            }
        }

        /// Takes what has arrived; the answer, once it is whole.
        mutating func receive() throws -> Answer? {
            let limit = 64 * 1024
            let count = withUnsafeTemporaryAllocation(byteCount: limit, alignment: 1) { buffer in
                let count = read(descriptor, buffer.baseAddress, limit)
                if count > 0 { received += buffer[..<count] }
                return count
            }
            guard count > 0 else { throw BenchmarkFailure("the server closed a connection") }
            guard let head = received.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
            let lines = String(decoding: received[..<head.lowerBound], as: UTF8.self).split(separator: "\r\n")
            guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
                throw BenchmarkFailure("this is no HTTP answer: \(lines.first ?? "")")
            }
            var length = 0
            for line in lines.dropFirst() where line.lowercased().hasPrefix("content-length:") {
                length = Int(line.drop { $0 != ":" }.dropFirst().drop { $0 == " " }) ?? 0
            }
            guard received.count >= head.upperBound + length else { return nil }
            return Answer(
                status: status, body: Array(received[head.upperBound...]),
                milliseconds: sentAt.duration(to: .now) / .milliseconds(1))
        }
    }

    private static func connect(to port: Int) throws -> Int32 {
        #if canImport(Darwin)
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #else
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let outcome = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard outcome == 0 else {
            close(descriptor)
            throw BenchmarkFailure("no connection to port \(port): \(String(cString: strerror(errno)))")
        }
        return descriptor
    }
}
