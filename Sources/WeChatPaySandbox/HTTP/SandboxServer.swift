import AsyncHTTPClient
import HTTPTypes
import Hummingbird
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import PaymentPrimitives
import ServiceLifecycle
import WeChatPay

/// The sandbox over HTTP: WeChat's own paths, and the control calls below `/_sandbox/`. It sends notifications in the
/// background while it runs. Where asked for it listens with TLS too, and as a proxy for WeChat's own hosts.
public struct SandboxServer: Service {
    private static let bodyLimit = 2 * 1024 * 1024

    /// The ports at which it listens.
    public struct Ports: Sendable, Equatable {
        /// Plain HTTP.
        public let http: Int
        /// HTTPS; `nil` when it was not asked for.
        public let tls: Int?
        /// The proxy; `nil` when it was not asked for.
        public let proxy: Int?
    }

    /// HTTPS beside plain HTTP, for clients that cannot do without.
    public struct Secure: Sendable {
        /// The authority and the server certificate.
        public var identity: SandboxTLS
        /// The port for HTTPS; 0 picks a free one, `nil` for none.
        public var port: Int?
        /// The port of the proxy that leads WeChat's own hosts here; 0 picks a free one, `nil` for none.
        public var proxyPort: Int?

        /// HTTPS at a port, a proxy at another, or both.
        public init(identity: SandboxTLS, port: Int? = nil, proxyPort: Int? = nil) {
            self.identity = identity
            self.port = port
            self.proxyPort = proxyPort
        }
    }

    private let sandbox: Sandbox
    private let host: String
    private let port: Int
    private let secure: Secure?
    private let controlGuard: ControlGuard
    private let logger: Logger
    private let onReady: @Sendable (Int) async -> Void
    private let onAllReady: @Sendable (Ports) async -> Void

    /// A server that does not run yet.
    ///
    /// - Parameters:
    ///   - sandbox: what it serves.
    ///   - host: the address to listen at.
    ///   - port: the port to listen at; 0 picks a free one.
    ///   - secure: HTTPS and the proxy; `nil` for neither.
    ///   - controlToken: when set, control calls need it as a Bearer token, and may come from other machines.
    ///   - logger: where to say what is happening.
    ///   - onReady: is told the port once requests are accepted.
    ///   - onAllReady: is told every port once all of them accept requests.
    public init(
        sandbox: Sandbox, host: String = "127.0.0.1", port: Int = 8100, secure: Secure? = nil, controlToken: Secret? = nil,
        logger: Logger, onReady: @escaping @Sendable (Int) async -> Void = { _ in },
        onAllReady: @escaping @Sendable (Ports) async -> Void = { _ in }
    ) {
        self.sandbox = sandbox
        self.host = host
        self.port = port
        self.secure = secure
        controlGuard = ControlGuard(token: controlToken)
        self.logger = logger
        self.onReady = onReady
        self.onAllReady = onAllReady
    }

    /// Serves until it is cancelled or asked to shut down.
    public func run() async throws {
        let sender = NotificationSender()
        var expected: [SandboxFaces.Face] = [.plain]
        if secure?.port != nil { expected.append(.secure) }
        if secure?.proxyPort != nil { expected += [.behindProxy, .secureBehindProxy, .proxy] }
        let faces = SandboxFaces(expected: expected, onAllReady: onAllReady)
        // Stopped in the reverse order: the faces finish what they have begun while the proxy still carries their answers.
        var application = try application(.plain, host: host, port: port, faces)
        application.services = [DeliveryLoop(sandbox: sandbox, sender: sender)] + (try secureServices(faces))
        do {
            try await application.run()
        } catch {
            try? await sender.shutdown()
            throw error
        }
        try await sender.shutdown()
    }

    private func secureServices(_ faces: SandboxFaces) throws -> [any Service] {
        guard let secure else { return [] }
        let tls = try merchantsOnly(secure.identity.serverConfiguration())
        var services: [any Service] = []
        if let proxyPort = secure.proxyPort {
            services = [
                Bound(
                    at: host, proxyPort,
                    ProxyServer(
                        host: host, port: proxyPort, behind: { await faces.behindProxy() },
                        onReady: { await faces.ready(.proxy, $0) }, logger: logger)),
                // Faces of its own: whoever comes through the proxy comes from this machine as far as a socket can tell.
                try application(.behindProxy, host: "127.0.0.1", port: 0, faces),
                try application(.secureBehindProxy, host: "127.0.0.1", port: 0, faces, tls),
            ]
        }
        if let port = secure.port {
            services.append(Bound(at: host, port, try application(.secure, host: host, port: port, faces, tls)))
        }
        return services
    }

    private func application(
        _ face: SandboxFaces.Face, host: String, port: Int, _ faces: SandboxFaces, _ tls: TLSChannelConfiguration? = nil
    ) throws -> Application<CallbackResponder<PeerContext>> {
        let responder = CallbackResponder<PeerContext> { try await respond(to: $0, $1, at: face) }
        let configuration = ApplicationConfiguration(address: .hostname(host, port: port))
        let onServerRunning: @Sendable (any Channel) async -> Void = { channel in
            let port = channel.localAddress?.port ?? port
            if face == .plain { await onReady(port) }
            await faces.ready(face, port)
        }
        guard let tls else {
            return Application(
                responder: responder, configuration: configuration, onServerRunning: onServerRunning, logger: logger)
        }
        return Application(
            responder: responder, server: try .tls(.http1(), configuration: tls), configuration: configuration,
            onServerRunning: onServerRunning, logger: logger)
    }

    private func respond(to request: Request, _ context: PeerContext, at face: SandboxFaces.Face) async throws -> Response {
        let path = request.head.path ?? "/"
        let isControl = path == "/_sandbox" || path.hasPrefix("/_sandbox/")
        let peer = face.isBehindProxy ? nil : context.peer
        if isControl, let refusal = controlGuard.refusal(request.head, peer: peer) {
            return json(403, ControlAPI.error("forbidden", refusal))
        }
        let isUpload = MediaKind(request.method, Call(TransportRequest(head: request.head)).segments) != nil
        let limit = isUpload ? MediaKind.bodyLimit : Self.bodyLimit
        let body: [UInt8]
        do {
            body = Array(try await request.body.collect(upTo: limit).readableBytesView)
        } catch is NIOTooManyBytesError {
            return json(413, ControlAPI.error("too_large", "a body may have at most \(limit) bytes"))
        }
        var whole = TransportRequest(head: request.head, body: body)
        whole.head.scheme = face.isSecure ? "https" : "http"
        if isControl {
            let (status, answer) = await ControlAPI(sandbox: sandbox).respond(to: whole)
            return json(status, answer)
        }
        if path == "/", request.method == .get { return LandingPage.response(request, sandbox) }
        let reply = await sandbox.reply(to: whole, certificate: try await certificate(context, at: face))
        guard reply.ending != .dropped else {
            // Nothing is said any more: the caller's connection is gone, and what is returned here reaches nobody.
            try await context.channel.close()
            return Response(status: .internalServerError)
        }
        var headers = reply.head.headerFields
        guard reply.ending == .truncated else {
            return Response(
                status: reply.head.status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: reply.body)))
        }
        headers[.contentLength] = String(reply.body.count)
        let half = ByteBuffer(bytes: reply.body.prefix(reply.body.count / 2))
        return Response(
            status: reply.head.status, headers: headers,
            body: .init { writer in
                try await writer.write(half)
                throw Sandbox.dropped
            })
    }

    /// TLS to which a client may show the API certificate of a merchant, and no other: these are compared byte by byte,
    /// since whoever edits `sandbox.json` may bring certificates that another authority has issued.
    private func merchantsOnly(_ tls: TLSConfiguration) throws -> TLSChannelConfiguration {
        let known = try sandbox.merchants.map { try NIOSSLCertificate(bytes: Array($0.certificatePEM.utf8), format: .pem) }
        return TLSChannelConfiguration(tlsConfiguration: tls) { certificates, promise in
            promise.succeed(certificates.first.map(known.contains) == true ? .certificateVerified : .failed)
        }
    }

    /// Whose certificate the client has shown. The handshake has let in none but those of the merchants.
    private func certificate(_ context: PeerContext, at face: SandboxFaces.Face) async throws -> ClientCertificate {
        guard face.isSecure else { return .impossible }
        guard let shown = try await context.channel.nioSSL_peerCertificate().get() else { return .none }
        let merchant = sandbox.merchants.first {
            (try? NIOSSLCertificate(bytes: Array($0.certificatePEM.utf8), format: .pem)) == shown
        }
        return merchant.map { .merchant($0.mchid) } ?? .none
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
    let channel: any Channel

    var peer: String? { channel.remoteAddress?.ipAddress }

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
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
