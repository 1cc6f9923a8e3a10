import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Payments
import ServiceLifecycle

/// Builds the two HTTP servers: the public one and the operators' one.
package struct HTTPServerFactory: Sendable {
    private let payments: PaymentService
    private let refunds: RefundService
    private let webhooks: WebhookService
    private let clients: @Sendable () -> [APIClient]
    private let logger: Logger
    private let deadlines: Deadlines

    package init(
        payments: PaymentService, refunds: RefundService, webhooks: WebhookService,
        clients: @escaping @Sendable () -> [APIClient], logger: Logger, deadlines: Deadlines = Deadlines()
    ) {
        self.payments = payments
        self.refunds = refunds
        self.webhooks = webhooks
        self.clients = clients
        self.logger = logger
        self.deadlines = deadlines
    }

    /// How long a client may take.
    package struct Deadlines: Sendable {
        /// For its request's head.
        package var head: Duration = .seconds(10)
        /// And then for its body.
        package var body: Duration = .seconds(20)
        /// How long a connection may be silent between requests.
        package var idle: Duration = .seconds(75)

        package init() {}
    }

    /// The public server: notifications, `/v1`, and what `mount` adds.
    package func publicServer(
        host: String, port: Int, mount: (Router<ServerRequestContext>) -> Void,
        onReady: @escaping @Sendable (Int) async -> Void
    ) -> some Service {
        let router = makeRouter()
        NotificationController(notifications: NotificationService(payments: payments)).addRoutes(to: router.group("notify"))
        let api = router.group("v1").add(middleware: ClientAuthenticator(clients: clients))
        PaymentController(payments: payments).addRoutes(to: api)
        RefundController(refunds: refunds).addRoutes(to: api)
        WebhookController(webhooks: webhooks).addRoutes(to: api)
        health.addLiveness(to: router)
        mount(router)
        return application(router, host, port, "wechatpay", onReady)
    }

    /// The operators' server.
    package func adminServer(host: String, port: Int, onReady: @escaping @Sendable (Int) async -> Void) -> some Service {
        let router = makeRouter()
        health.addLiveness(to: router)
        health.addReadiness(to: router)
        return application(router, host, port, "wechatpay-admin", onReady)
    }

    private var health: HealthController { HealthController(storage: payments.storage, directory: payments.directory) }

    private func makeRouter() -> Router<ServerRequestContext> {
        let router = Router(context: ServerRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: ProblemMiddleware())
        return router
    }

    private func application(
        _ router: Router<ServerRequestContext>, _ host: String, _ port: Int, _ name: String,
        _ onReady: @escaping @Sendable (Int) async -> Void
    ) -> some Service {
        let (deadlines, logger) = (deadlines, logger)
        return Application(
            router: router,
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [
                        RequestDeadlineHandler(
                            head: TimeAmount(deadlines.head), body: TimeAmount(deadlines.body), next: TimeAmount(deadlines.idle),
                            logger: logger)
                    ],
                    idleTimeout: TimeAmount(deadlines.idle),
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: 8 * 1024, maxHeaderListSize: 32 * 1024, maxHeaderFieldCount: 100))),
            configuration: .init(address: .hostname(host, port: port), serverName: name),
            onServerRunning: { channel in await onReady(channel.localAddress?.port ?? port) },
            logger: logger)
    }
}
