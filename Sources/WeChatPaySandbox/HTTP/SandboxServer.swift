import AsyncHTTPClient
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import PaymentPrimitives
import ServiceLifecycle
import WeChatPay

/// The sandbox over HTTP: WeChat's own paths, and the control calls below `/_sandbox/`. It sends notifications in the
/// background while it runs.
public struct SandboxServer: Service {
    private static let bodyLimit = 2 * 1024 * 1024

    private let sandbox: Sandbox
    private let host: String
    private let port: Int
    private let controlGuard: ControlGuard
    private let logger: Logger
    private let onReady: @Sendable (Int) async -> Void

    /// A server that does not run yet.
    ///
    /// - Parameters:
    ///   - sandbox: what it serves.
    ///   - host: the address to listen at.
    ///   - port: the port to listen at; 0 picks a free one.
    ///   - controlToken: when set, control calls need it as a Bearer token, and may come from other machines.
    ///   - logger: where to say what is happening.
    ///   - onReady: is told the port once requests are accepted.
    public init(
        sandbox: Sandbox, host: String = "127.0.0.1", port: Int = 8100, controlToken: Secret? = nil, logger: Logger,
        onReady: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.sandbox = sandbox
        self.host = host
        self.port = port
        controlGuard = ControlGuard(token: controlToken)
        self.logger = logger
        self.onReady = onReady
    }

    /// Serves until it is cancelled or asked to shut down.
    public func run() async throws {
        let sender = NotificationSender()
        let application = Application(
            responder: CallbackResponder<PeerContext> { try await respond(to: $0, from: $1.peer) },
            configuration: .init(address: .hostname(host, port: port)),
            services: [DeliveryLoop(sandbox: sandbox, sender: sender)],
            onServerRunning: { channel in await onReady(channel.localAddress?.port ?? port) }, logger: logger)
        do {
            try await application.run()
        } catch {
            try? await sender.shutdown()
            throw error
        }
        try await sender.shutdown()
    }

    private func respond(to request: Request, from peer: String?) async throws -> Response {
        let path = request.head.path ?? "/"
        let isControl = path == "/_sandbox" || path.hasPrefix("/_sandbox/")
        if isControl, let refusal = controlGuard.refusal(request.head, peer: peer) {
            return json(403, ControlAPI.error("forbidden", refusal))
        }
        let body: [UInt8]
        do {
            body = Array(try await request.body.collect(upTo: Self.bodyLimit).readableBytesView)
        } catch is NIOTooManyBytesError {
            return json(413, ControlAPI.error("too_large", "a body may have at most \(Self.bodyLimit) bytes"))
        }
        let whole = TransportRequest(head: request.head, body: body)
        if isControl {
            let (status, answer) = await ControlAPI(sandbox: sandbox).respond(to: whole)
            return json(status, answer)
        }
        if path == "/", request.method == .get { return LandingPage.response(request, sandbox) }
        let answer = await sandbox.handle(whole)
        let bytes = try await answer.body.collect(upTo: .max)
        return Response(
            status: answer.head.status, headers: answer.head.headerFields, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private func json(_ status: Int, _ value: JSONValue) -> Response {
        Response(
            status: .init(code: status),
            headers: [.contentType: "application/json; charset=utf-8", .xContentTypeOptions: "nosniff"],
            body: .init(byteBuffer: ByteBuffer(bytes: value.serialised(.pretty) + [0x0A])))
    }
}

/// Knows who is calling.
private struct PeerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let peer: String?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress?.ipAddress
    }
}

/// Sends what is due while the server runs.
private struct DeliveryLoop: Service {
    let sandbox: Sandbox
    let sender: NotificationSender

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await sandbox.runDeliveries { try await sender.send($0) } }
        } catch is CancellationError {}
    }
}
