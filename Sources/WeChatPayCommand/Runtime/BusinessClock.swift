import Foundation
import HTTPTypes
import Logging
import PaymentPrimitives
import ServiceLifecycle
import Synchronization
import WeChatPay
import WeChatPaySandbox

/// Real time plus an offset that may change at any moment: the sandbox's business time.
///
/// Sleeping goes in short steps, so that a clock that is moved forward wakes whoever is due.
struct OffsetClock: WallClock {
    private static let step: Duration = .milliseconds(250)

    private let base = SystemClock()
    private let offset: @Sendable () -> Duration

    init(offset: @escaping @Sendable () -> Duration) {
        self.offset = offset
    }

    var now: Timestamp { base.now.advanced(by: offset()) }

    func sleep(until deadline: Timestamp) async throws {
        while true {
            let wait = deadline.since(now)
            guard wait > .zero else { return }
            try await Task.sleep(for: min(wait, Self.step))
        }
    }
}

/// The answer of `GET /_sandbox/clock`, as far as it is needed.
private struct SandboxClock: Decodable {
    let offsetSeconds: Int64

    enum CodingKeys: String, CodingKey {
        case offsetSeconds = "offset_seconds"
    }
}

/// Follows the business time of a sandbox in another process.
final class SandboxClockFollower: Service {
    private let url: String
    private let transport: any Transport
    private let logger: Logger
    private let milliseconds = Mutex<Int64>(0)

    init(url: String, transport: any Transport, logger: Logger) {
        self.url = url
        self.transport = transport
        self.logger = logger
    }

    var clock: OffsetClock { OffsetClock { [self] in .milliseconds(milliseconds.withLock { $0 }) } }

    /// Asks once.
    ///
    /// - Throws: what the transport throws, or ``WeChatPayError`` for an answer that is none.
    func refresh() async throws {
        guard let address = URL(string: url + "/_sandbox/clock"), let host = address.host else {
            throw WeChatPayError(.invalidArgument, "--clock-from is not a URL: \(url)")
        }
        let authority = address.port.map { "\(host):\($0)" } ?? host
        let response = try await transport.send(
            TransportRequest(
                head: .init(method: .get, scheme: address.scheme, authority: authority, path: "/_sandbox/clock")),
            deadline: .seconds(3))
        let bytes = try await response.body.collect(upTo: 64 * 1024)
        guard let answer = try? StrictJSON.decode(SandboxClock.self, from: bytes, numbers: .any) else {
            throw CommandFailure("--clock-from: \(url) is no sandbox (GET /_sandbox/clock answers something else)")
        }
        milliseconds.withLock { $0 = answer.offsetSeconds * 1000 }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            while !Task.isCancelled {
                do { try await refresh() } catch { logger.warning("the sandbox's clock could not be read: \(error)") }
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }
}
