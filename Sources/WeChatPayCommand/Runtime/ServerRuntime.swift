import Foundation
import Logging
import PaymentPrimitives
import PaymentServer
import PaymentStore
import Payments
import SQLDatabase
import ServiceLifecycle
import Shop
import WeChatPay

/// The payment server put together: database, merchants, use cases, jobs, HTTP.
struct ServerRuntime {
    /// To be run together; they stop when asked to.
    let services: [any Service]

    /// Takes another configuration while the server runs.
    let reloader: ConfigurationReloader

    /// Closes the database after everything else has stopped.
    let close: @Sendable () async throws -> Void

    /// - Parameters:
    ///   - clock: business time.
    ///   - webhookLimit: how long a webhook's receiver may take.
    ///   - onReady: is told the port of the public server.
    static func make(
        _ configuration: Configuration, clock: any WallClock, random: any RandomSource, transport: any Transport,
        logger: Logger, deadlines: HTTPServerFactory.Deadlines = .init(), webhookLimit: Duration = .seconds(5),
        onReady: @escaping @Sendable (Int) async -> Void
    ) async throws -> ServerRuntime {
        for warning in configuration.warnings { logger.warning("\(warning)") }
        let database = try await openDatabase(configuration.database, logger: logger)
        let storage = SQLPaymentStorage(database)
        let tools = ConfiguredMerchants.Tools(transport: transport, wireClock: SystemClock(), random: random)
        let live = try LiveConfiguration(configuration, tools)
        let (outbox, published) = (Signal(), SignalBoard())
        let ids = IDGenerator(clock: clock, random: random)
        let payments = PaymentService(
            storage: storage, directory: live, clock: clock, ids: ids, logger: logger, outboxSignal: outbox)
        let refunds = RefundService(payments: payments)
        let webhooks = WebhookService(
            storage: storage, sender: HTTPWebhookSender(clock: SystemClock(), limit: webhookLimit, logger: logger),
            endpoints: { live.webhookEndpoints }, published: published, clock: clock, random: random, logger: logger)
        try await webhooks.begin()
        let factory = HTTPServerFactory(
            payments: payments, refunds: refunds, webhooks: webhooks, clients: { live.clients }, logger: logger,
            deadlines: deadlines)
        let shop = try configuration.shop.map {
            try Self.shop(
                $0, configuration, payments: payments, database: database, transport: transport, clock: clock, random: random,
                ids: ids)
        }
        let server = configuration.server
        var services: [any Service] = [
            Listening(
                at: server.host, server.port,
                factory.publicServer(
                    host: server.host, port: server.port, mount: { shop?.addRoutes(to: $0) }, onReady: onReady)),
            Listening(
                at: server.adminHost, server.adminPort,
                factory.adminServer(
                    host: server.adminHost, port: server.adminPort,
                    onReady: { port in
                        logger.info("operators' port", metadata: ["url": "http://\(server.adminHost):\(port)"])
                    })),
            JobLoop(OutboxPublisherJob(storage: storage, published: published, logger: logger), clock: clock, signal: outbox),
            // Certificates live in wire time.
            JobLoop(KeyRefreshJob(directory: live, logger: logger), clock: SystemClock()),
            NamedJobs(
                names: { Set(live.snapshot().keys) }, changed: live.changed,
                make: { merchant in
                    [
                        JobLoop(PaymentQueryJob(payments: payments, merchant: merchant), clock: clock),
                        JobLoop(RefundJob(refunds: refunds, merchant: merchant), clock: clock),
                    ]
                }),
            NamedJobs(
                names: { webhooks.clients }, changed: live.webhooksChanged,
                make: { client in
                    let signal = published.signal("webhooks \(client)")
                    return [JobLoop(WebhookJob(client: client, webhooks: webhooks), clock: clock, signal: signal)]
                }),
        ]
        if let entry = configuration.shop {
            services.append(
                JobLoop(
                    FulfilmentJob(database: database, storage: storage, merchant: entry.merchant, logger: logger),
                    clock: clock, signal: published.signal("shop")))
            services.append(
                JobLoop(
                    UnpaidOrderJob(
                        database: database, storage: storage, merchant: entry.merchant,
                        orderTTL: configuration.policies.orderTTL, logger: logger), clock: clock))
        }
        return ServerRuntime(
            services: services, reloader: ConfigurationReloader(live: live, storage: storage, webhooks: webhooks, logger: logger),
            close: {
                try await tools.certificates.close()
                try await database.close()
            })
    }

    /// Opens a database and brings it to this version's schema.
    static func openDatabase(_ url: String, logger: Logger) async throws -> any Database {
        let database = try await DatabaseURL(url).open()
        let applied = try await migrator.migrate(database)
        if !applied.isEmpty { logger.info("database migrated: \(applied.joined(separator: ", "))") }
        return database
    }

    static var migrator: Migrator { Migrator(PaymentSchema.migrations + ShopSchema.migrations, clock: SystemClock()) }

    private static func shop(
        _ shop: Configuration.Shop, _ configuration: Configuration, payments: PaymentService, database: any Database,
        transport: any Transport, clock: any WallClock, random: any RandomSource, ids: IDGenerator
    ) throws -> ShopController<ServerRequestContext> {
        guard let merchant = configuration.merchants.first(where: { $0.id == shop.merchant }),
            let secret = merchant.apps.first(where: { $0.appid == shop.appid })?.appSecret
        else { throw PaymentError(.unavailable, "the shop's app has no secret") }
        // Only a sandbox on this machine answers for both of WeChat's hosts; the app's secret goes nowhere else.
        let isSandbox = ["//127.", "//localhost", "//[::1]"].contains { merchant.baseURL.contains($0) }
        let loginURL = isSandbox ? merchant.baseURL : "https://api.weixin.qq.com"
        let login = MiniProgramLogin(
            miniProgram: MiniProgram(
                appid: shop.appid, secret: secret, baseURL: loginURL, transport: transport))
        let catalogue = Catalogue(
            products: shop.catalogue.map {
                Product(
                    sku: $0.sku, name: $0.name, englishName: $0.nameEN, price: $0.price, description: $0.description,
                    englishDescription: $0.descriptionEN)
            })
        let proxies = TrustedProxies(configuration.server.trustedProxies)
        return ShopController(
            sessions: SessionService(database: database, login: login, merchant: shop.merchant, clock: clock, random: random),
            orders: OrderService(
                database: database, payments: payments, merchant: shop.merchant, appid: shop.appid, till: shop.till,
                catalogue: catalogue, clock: clock, ids: ids),
            pictures: CodePictures(svg: { Array(try QRCode($0).svg.utf8) }, png: { try QRCode($0).png() }),
            buyerAddress: { proxies.clientAddress(of: $0, $1) })
    }
}
