import Logging
import PaymentPrimitives
import PaymentStore
import Payments
import Synchronization
import Testing

/// A channel that plays WeChat: it answers as it is told and remembers what it was asked.
final class ScriptedChannel: PaymentChannel {
    struct Script: Sendable {
        var begin: Outcome<BegunOrder> = .unknown("not told")
        var charge: Outcome<Charge> = .unknown("not told")
        var query: Outcome<TradeFacts> = .unknown("not told")
        var close: Outcome<Void> = .unknown("not told")
        var reverse: Outcome<Void> = .unknown("not told")
        var calls: [String] = []
        var codes: [Secret] = []
    }

    let script = Mutex(Script())
    /// The merchant number that is configured at the moment.
    let mchid = Mutex("1900000001")
    let kind = ChannelKind.v3
    let capabilities = Set(PaymentMethod.allCases)

    func set<Value: Sendable>(_ field: any WritableKeyPath<Script, Value> & Sendable, _ value: Value) {
        script.withLock { $0[keyPath: field] = value }
    }

    var calls: [String] { script.withLock { $0.calls } }

    private func called<Value: Sendable>(_ name: String, _ field: any KeyPath<Script, Value> & Sendable) -> Value {
        script.withLock { script in
            script.calls.append(name)
            return script[keyPath: field]
        }
    }

    func begin(_ payment: Payment) async -> Outcome<BegunOrder> { called("begin", \.begin) }
    func charge(_ payment: Payment, authCode: Secret) async -> Outcome<Charge> {
        script.withLock { $0.codes.append(authCode) }
        return called("charge", \.charge)
    }
    func reverse(_ reference: ChannelReference) async -> Outcome<Void> { called("reverse", \.reverse) }
    func handOff(_ payment: Payment) -> Outcome<ClientHandOff> {
        let kind = payment.prepay?.kind.rawValue ?? "none"
        return .known(ClientHandOff(type: kind, fields: [kind: payment.prepay?.text ?? ""]))
    }
    func query(_ reference: ChannelReference) async -> Outcome<TradeFacts> { called("query", \.query) }
    func close(_ reference: ChannelReference) async -> Outcome<Void> { called("close", \.close) }
    func refund(_ refund: Refund, of payment: Payment) async -> Outcome<RefundFacts> { .unknown("not here") }
    func queryRefund(_ refund: Refund, of payment: Payment) async -> Outcome<RefundFacts> { .unknown("not here") }
    func receive(_ raw: RawNotification) async -> Received { .rejected("not here") }
    func answer(to notification: RawNotification, _ verdict: NotificationVerdict) -> ChannelAnswer { ChannelAnswer(status: 500) }
    func refreshKeys() async -> String? { nil }
    func readiness() async -> String? { nil }
}

/// One direct merchant, paid through a scripted channel.
struct ScriptedDirectory: MerchantDirectory {
    let channel: ScriptedChannel

    func snapshot() -> [String: MerchantContext] {
        [
            "shop1": MerchantContext(
                id: "shop1", mchid: channel.mchid.withLock { $0 }, appids: ["wx1"], newPayments: .v3, channels: [.v3: channel],
                notifyURLs: [.v3: "https://a/b"], orderTTL: .seconds(1800))
        ]
    }
}

/// A payment service over a scripted channel.
struct ScriptedService: Sendable {
    let store: StoreFixture
    let channel = ScriptedChannel()
    let service: PaymentService

    init(_ store: StoreFixture) {
        self.store = store
        service = Self.service(store, channel)
    }

    private static func service(_ store: StoreFixture, _ channel: ScriptedChannel) -> PaymentService {
        PaymentService(
            storage: store.storage, directory: ScriptedDirectory(channel: channel), clock: store.clock,
            ids: IDGenerator(clock: store.clock, random: SeededRandom(1)),
            logger: Logger(label: "store") { _ in SwiftLogNoOpLogHandler() }, outboxSignal: Signal())
    }

    /// The same after a restart: nothing but the database and WeChat goes on.
    var restarted: PaymentService { Self.service(store, channel) }

    /// Time goes on in steps of a second, and the job works whenever it is due.
    func run(seconds: Int, _ service: PaymentService? = nil) async {
        let job = PaymentQueryJob(payments: service ?? self.service, merchant: "shop1")
        for _ in 0..<seconds {
            store.clock.advance(by: .seconds(1))
            _ = await job.tick(store.clock.now)
        }
    }

    func request(_ method: PaymentMethod, reference: String? = nil) -> NewPayment {
        var request = NewPayment(merchant: "shop1", appid: "wx1", method: method, amount: Money(fen: 100), description: "茶")
        request.outTradeNo = "NUMBER01"
        request.reference = reference
        if method == .miniProgram || method == .jsapi { request.openID = "o" }
        if method == .codePay {
            request.authCode = Secret("130000000000000001")
            request.options.scene = PaymentOptions.Scene()
            request.options.scene?.storeInfo = PaymentOptions.Store(id: "A1")
        }
        if method == .h5 {
            request.options.scene = PaymentOptions.Scene()
            request.options.scene?.payerClientIP = "192.0.2.7"
        }
        return request
    }

    func key(_ key: String = "k") -> PaymentService.Idempotency {
        PaymentService.Idempotency(client: "erp", key: key, fingerprint: "f")
    }

    var stored: Payment {
        get async throws {
            let found = try await store.storage.payments(PaymentFilter(merchants: ["shop1"]))
            return try #require(found.first)
        }
    }

    func facts(_ state: TradeState) -> TradeFacts {
        var facts = TradeFacts(state: state, mchid: "1900000001", outTradeNo: "NUMBER01")
        facts.appid = "wx1"
        if state == .success {
            facts.transactionID = "4200000001"
            facts.total = 100
            facts.currency = "CNY"
            facts.payerTotal = 100
            facts.successTime = store.clock.now
        }
        return facts
    }

    static let absent = Outcome<TradeFacts>.refused(code: ChannelCode.orderNotExist, message: "订单不存在", final: true)
}
