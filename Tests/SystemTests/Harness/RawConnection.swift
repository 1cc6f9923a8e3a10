import NIOCore
import NIOPosix
import PaymentPrimitives
import Synchronization

/// A TCP connection on which anything can be said.
enum RawConnection {
    /// Sends `text`, then one byte of `drip` at every `interval`, until the server closes; returns what it said.
    static func talk(port: Int, _ text: String, drip: String = "", every interval: TimeAmount = .milliseconds(40)) async throws
        -> String
    {
        let connection = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: false)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await connection.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: text))
            let channel = connection.channel
            let rest = Mutex(Array(drip.utf8)[...])
            let timer = channel.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
                guard let byte = rest.withLock({ $0.popFirst() }) else { return }
                channel.writeAndFlush(ByteBuffer(bytes: [byte]), promise: nil)
            }
            defer { timer.cancel() }
            var heard = ByteBuffer()
            do {
                for try await part in inbound { heard.writeImmutableBuffer(part) }
            } catch is IOError {
                // Closed hard, with our bytes still on their way.
            }
            return String(buffer: heard)
        }
    }

    /// Runs `body`, but not longer than `limit`; `nil` when it was not over by then.
    static func within<Value: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value? {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                let clock = SystemClock()
                try await clock.sleep(until: clock.now.advanced(by: limit))
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}
