import DatabaseHarness
import Logging
import PaymentPrimitives
import Payments
import Synchronization
import Testing

@Suite("Idempotency keys")
struct IdempotencyRecordTests {
    /// A channel that answers what it is told to.
    private final class Channel: PaymentChannel {
        let outcome = Mutex<Outcome<BegunOrder>>(.known(BegunOrder(prepay: "wx1")))
        let calls = Mutex(0)

        let kind = ChannelKind.v3
        let capabilities: Set<PaymentMethod> = [.miniProgram]

        func begin(_ payment: Payment) async -> Outcome<BegunOrder> {
            calls.withLock { $0 += 1 }
            return outcome.withLock { $0 }
        }
        func handOff(_ payment: Payment) -> Outcome<ClientHandOff> {
            .known(ClientHandOff(type: "request_payment", fields: ["package": payment.prepay?.text ?? ""]))
        }
        func charge(_ payment: Payment, authCode: Secret) async -> Outcome<Charge> { .unknown("not here") }
        func reverse(_ reference: ChannelReference) async -> Outcome<Void> { .unknown("not here") }
        func query(_ reference: ChannelReference) async -> Outcome<TradeFacts> { .unknown("not here") }
        func close(_ reference: ChannelReference) async -> Outcome<Void> { .unknown("not here") }
        func refund(_ refund: Refund, of payment: Payment) async -> Outcome<RefundFacts> { .unknown("not here") }
        func queryRefund(_ refund: Refund, of payment: Payment) async -> Outcome<RefundFacts> { .unknown("not here") }
        func receive(_ raw: RawNotification) async -> Received { .rejected("not here") }
        func answer(to notification: RawNotification, _ verdict: NotificationVerdict) -> ChannelAnswer {
            ChannelAnswer(status: 500)
        }
        func refreshKeys() async -> String? { nil }
        func readiness() async -> String? { nil }
    }

    private struct Directory: MerchantDirectory {
        let channel: Channel

        func snapshot() -> [String: MerchantContext] {
            [
                "shop1": MerchantContext(
                    id: "shop1", mchid: "1900000001", appids: ["wx1"], newPayments: .v3, channels: [.v3: channel],
                    notifyURLs: [.v3: "https://a/b"], orderTTL: .seconds(1800))
            ]
        }
    }

    private func service(_ store: StoreFixture, _ channel: Channel) -> PaymentService {
        PaymentService(
            storage: store.storage, directory: Directory(channel: channel), clock: store.clock,
            ids: IDGenerator(clock: store.clock, random: SeededRandom(1)),
            logger: Logger(label: "store") { _ in SwiftLogNoOpLogHandler() }, outboxSignal: Signal())
    }

    private var request: NewPayment {
        var request = NewPayment(
            merchant: "shop1", appid: "wx1", method: .miniProgram, amount: Money(fen: 5), description: "茶")
        request.openID = "o"
        return request
    }

    private func key(_ key: String = "k", fingerprint: String = "f", client: String = "erp") -> PaymentService.Idempotency {
        .init(client: client, key: key, fingerprint: fingerprint)
    }

    private func payment(_ created: PaymentService.Created) throws -> Payment {
        guard case .payment(let payment, _) = created else { throw PaymentError(.notFound, "a replay") }
        return payment
    }

    @Test("A record is written once, keeps its answer, and belongs to its client", arguments: Engine.allCases)
    func record(engine: Engine) async throws {
        try await StoreFixture.run(engine) { store in
            let now = store.clock.now
            let record = IdempotencyRecord(
                client: "erp", key: "k", fingerprint: "f", merchant: "shop1", paymentID: "pay_1", leaseUntil: now, createdAt: now)
            #expect(try await store.storage.write("shop1") { try $0.insert(record) })
            #expect(try await store.storage.write("shop1") { try $0.insert(record) } == false)
            var answered = record
            answered.answer = StoredAnswer(status: 201, body: Array(#"{"茶":1}"#.utf8))
            try await store.storage.write("shop1") { [answered] in try $0.save(answered) }
            #expect(try await store.storage.write("shop1") { try $0.idempotency(client: "erp", key: "k") } == answered)
            #expect(try await store.storage.write("shop1") { try $0.idempotency(client: "web", key: "k") } == nil)
            #expect(try await store.storage.write("shop1") { try $0.idempotency(client: "erp", key: "K") } == nil)
        }
    }

    @Test(
        "While somebody is at it the twin waits; when that one died, the lease ends and the same payment is resumed",
        arguments: Engine.allCases)
    func lease(engine: Engine) async throws {
        try await StoreFixture.run(engine) { store in
            let channel = Channel()
            let service = service(store, channel)
            // The first one gets so far and dies: no answer is stored, nothing is released.
            let first = try payment(try await service.create(request, idempotency: key()))
            store.clock.advance(by: .seconds(29))
            await #expect(throws: PaymentError(.inProgress, "")) { _ = try await service.create(request, idempotency: key()) }
            store.clock.advance(by: .seconds(1))
            let second = try payment(try await service.create(request, idempotency: key()))
            #expect(second.id == first.id)
            #expect(try await store.integer("SELECT COUNT(*) FROM payments") == 1)
            #expect(channel.calls.withLock { $0 } == 1, "its prepay_id is still good")
            await #expect(throws: PaymentError(.inProgress, ""), "the lease was taken anew") {
                _ = try await service.create(request, idempotency: key())
            }
        }
    }

    @Test("An answer that was under way when the money came changes nothing and is no contradiction", arguments: Engine.allCases)
    func lateAnswer(engine: Engine) async throws {
        try await StoreFixture.run(engine) { store in
            let service = service(store, Channel())
            let asked = store.payment("pay_1")
            _ = try await store.create(asked)
            try await store.book(store.success(asked), on: "pay_1")
            var late = TradeFacts(state: .notPay, mchid: asked.mchid, outTradeNo: asked.outTradeNo)
            late.total = 100
            for fact in [Observation.Fact.trade(late), .absent, .absentAtClose, .closed] {
                #expect(try await service.record(fact, source: .query, on: asked).state == .paid)
            }
            let paid = try #require(try await store.storage.payment(merchant: "shop1", id: "pay_1"))
            await #expect(throws: Refusal.self, "asked after the money came, it is one") {
                try await service.record(.trade(late), source: .query, on: paid)
            }
        }
    }

    @Test("A refusal that made no payment never takes the place of the answer about one", arguments: Engine.allCases)
    func strangersAnswer(engine: Engine) async throws {
        try await StoreFixture.run(engine) { store in
            let channel = Channel()
            let service = service(store, channel)
            channel.outcome.withLock { $0 = .known(BegunOrder(prepay: "wx1")) }
            _ = try await service.create(request, idempotency: key())
            try await service.store(StoredAnswer(status: 409, body: []), for: key(), merchant: "shop1", hasMade: false)
            let answer = StoredAnswer(status: 201, body: [1])
            try await service.store(answer, for: key(), merchant: "shop1", hasMade: true)
            guard case .replay(answer) = try await service.create(request, idempotency: key()) else {
                Issue.record("another answer was kept")
                return
            }
        }
    }

    @Test("A request whose payment WeChat refused is told so again, also under another key's work", arguments: Engine.allCases)
    func refusedIsRefused(engine: Engine) async throws {
        try await StoreFixture.run(engine) { store in
            let channel = Channel()
            let service = service(store, channel)
            channel.outcome.withLock { $0 = .unknown("silence") }
            await #expect(throws: PaymentError(.resultUnknown, "")) { _ = try await service.create(request, idempotency: key()) }
            try await service.release(key(), merchant: "shop1")
            let id = try #require(
                try await store.storage.payments(PaymentFilter(merchants: ["shop1"])).first)
            try await service.record(.refused(code: "RULE_LIMIT"), source: .begin, on: id)
            await #expect(throws: PaymentError(.refusedByWeChat, "")) {
                _ = try await service.create(request, idempotency: key())
            }
        }
    }

    @Test(
        "An unknown result is released and resumed; a final answer is given again; another request is a conflict",
        arguments: Engine.allCases)
    func lifecycle(engine: Engine) async throws {
        try await StoreFixture.run(engine) { store in
            let channel = Channel()
            let service = service(store, channel)
            channel.outcome.withLock { $0 = .unknown("silence") }
            await #expect(throws: PaymentError(.resultUnknown, "")) { _ = try await service.create(request, idempotency: key()) }
            try await service.release(key(), merchant: "shop1")
            #expect(try await store.integer("SELECT COUNT(*) FROM payments WHERE state = 'created'") == 1)
            channel.outcome.withLock { $0 = .known(BegunOrder(prepay: "wx2")) }
            let made = try payment(try await service.create(request, idempotency: key()))
            #expect(made.state == .pending)
            let answer = StoredAnswer(status: 201, body: [1, 2, 3])
            try await service.store(answer, for: key(), merchant: "shop1", hasMade: true)
            try await service.store(StoredAnswer(status: 500, body: []), for: key(), merchant: "shop1", hasMade: true)
            store.clock.advance(by: .seconds(86_400 * 30))
            guard case .replay(let replayed) = try await service.create(request, idempotency: key()) else {
                Issue.record("the answer is not given again")
                return
            }
            #expect(replayed == answer, "the first answer stays")
            await #expect(throws: PaymentError(.idempotencyKeyReused, "")) {
                _ = try await service.create(request, idempotency: key(fingerprint: "g"))
            }
            let other = try payment(try await service.create(request, idempotency: key(client: "web")))
            #expect(other.id != made.id, "another client's key is another key")
        }
    }

    @Test("Nothing is kept of a request that was wrong", arguments: Engine.allCases)
    func wrongRequest(engine: Engine) async throws {
        try await StoreFixture.run(engine) { store in
            let service = service(store, Channel())
            var wrong = request
            wrong.amount = Money(fen: 0)
            await #expect(throws: PaymentError(.invalidRequest, "")) { _ = try await service.create(wrong, idempotency: key()) }
            #expect(try await store.integer("SELECT COUNT(*) FROM idempotency_keys") == 0)
            #expect(try await store.integer("SELECT COUNT(*) FROM payments") == 0)
            _ = try await service.create(request, idempotency: key())
        }
    }
}
