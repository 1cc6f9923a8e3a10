import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The proxy: WeChat's own hosts lead to the sandbox, all others are refused.
///
/// It opens connections to the sandbox's two faces behind it and to nothing else, whatever it is asked.
struct ProxyServer: Service {
    /// How long a connection may be silent; real clients keep one for less.
    private static let idleTime = TimeAmount.seconds(120)

    let host: String
    let port: Int
    /// The ports of the faces behind it, once they listen.
    let behind: @Sendable () async -> (plain: Int, secure: Int)?
    let onReady: @Sendable (Int) async -> Void
    let logger: Logger

    private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    func run() async throws {
        // Nothing to lead to: the sandbox is being stopped before it was ready.
        guard let ports = await behind() else { return }
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(host: host, port: port, childChannelInitializer: Self.wrap)
        await onReady(server.channel.localAddress?.port ?? port)
        try await withGracefulShutdownHandler {
            try await server.executeThenClose { connections in
                try await withThrowingDiscardingTaskGroup { group in
                    for try await connection in connections {
                        group.addTask { await serve(connection, ports) }
                    }
                }
            }
        } onGracefulShutdown: {
            // No new ones. Those that are open end with the faces behind them, which finish what they have begun.
            server.channel.close(promise: nil)
        }
    }

    private static let wrap: @Sendable (any Channel) -> EventLoopFuture<Connection> = { channel in
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandlers(IdleStateHandler(allTimeout: idleTime), CloseWhenIdle())
            return try Connection(
                wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
        }
    }

    private func serve(_ connection: Connection, _ ports: (plain: Int, secure: Int)) async {
        do {
            try await connection.executeThenClose { inbound, outbound in
                var chunks = inbound.makeAsyncIterator()
                var begun: [UInt8] = []
                guard let head = try await readHead(&chunks, &begun) else { return }
                let request = head.isEmpty ? Self.tooLong : ProxyRequest.judge(head)
                switch request {
                case .refuse(let status, let reason, let text):
                    logger.warning("the proxy refused a request", metadata: ["status": "\(status)"])
                    let body = text + "\n"
                    try await outbound.write(
                        ByteBuffer(
                            string:
                                "HTTP/1.1 \(status) \(reason)\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
                        ))
                case .tunnel(let isSecure):
                    try await relay(
                        &chunks, outbound, of: connection.channel, to: isSecure ? ports.secure : ports.plain, beginning: begun,
                        greeting: "HTTP/1.1 200 Connection established\r\n\r\n")
                case .forward(let head):
                    try await relay(
                        &chunks, outbound, of: connection.channel, to: ports.plain, beginning: head + begun, greeting: nil)
                }
            }
        } catch {
            logger.debug("a connection of the proxy has ended", metadata: ["error": "\(error)"])
        }
    }

    private static let tooLong = ProxyRequest.refuse(
        status: 431, reason: "Request Header Fields Too Large",
        text: "the head of a request may have at most \(ProxyRequest.headLimit) bytes")

    /// Reads up to the empty line; what follows it stays in `rest`. `nil` when the client left before, empty when too long.
    private func readHead(
        _ chunks: inout NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator, _ rest: inout [UInt8]
    ) async throws -> [UInt8]? {
        let mark: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
        var bytes: [UInt8] = []
        while let chunk = try await chunks.next(isolation: #isolation) {
            // The mark may lie across two chunks.
            let from = max(0, bytes.count - 3)
            bytes += chunk.readableBytesView
            if let found = bytes[from...].firstRange(of: mark) {
                rest = Array(bytes[found.upperBound...])
                return found.upperBound <= ProxyRequest.headLimit ? Array(bytes[..<found.upperBound]) : []
            }
            if bytes.count > ProxyRequest.headLimit { return [] }
        }
        return nil
    }

    /// Carries bytes in both directions until the sandbox's side ends.
    private func relay(
        _ chunks: inout NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
        _ client: NIOAsyncChannelOutboundWriter<ByteBuffer>, of clientChannel: any Channel, to port: Int, beginning: [UInt8],
        greeting: String?
    ) async throws {
        let upstream = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port, channelInitializer: Self.wrap)
        try await upstream.executeThenClose { answers, sandbox in
            if let greeting { try await client.write(ByteBuffer(string: greeting)) }
            if !beginning.isEmpty { try await sandbox.write(ByteBuffer(bytes: beginning)) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    // The sandbox has said all: the client gets the rest, and nobody listens to it any more.
                    defer {
                        client.finish()
                        clientChannel.close(mode: .input, promise: nil)
                    }
                    for try await answer in answers { try await client.write(answer) }
                }
                while let chunk = try await chunks.next(isolation: #isolation) { try await sandbox.write(chunk) }
                // The client has said all, and may still be waiting for its answer.
                sandbox.finish()
                try await group.next()
            }
        }
    }
}

/// Closes a connection that has been silent for too long.
private final class CloseWhenIdle: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}
