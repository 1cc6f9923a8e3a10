import DatabaseHarness
import Logging
import PaymentPrimitives
import PaymentStore
import Payments
import Synchronization
import Testing

@Suite("Webhooks, from the outbox to the receiver")
struct WebhookJobTests {
    /// Endpoints, and what sends to them.
    private struct Place {
        let store: StoreFixture
        let storage: any WebhookStorage
        let sender = ScriptedSender()
        let endpoints: Endpoints

        final class Endpoints: Sendable {
            let now: Mutex<[WebhookEndpoint]>
            init(_ list: [WebhookEndpoint]) { now = Mutex(list) }
        }

        init(_ store: StoreFixture, _ endpoints: [WebhookEndpoint]) {
            self.store = store
            storage = SQLPaymentStorage(store.database)
            self.endpoints = Endpoints(endpoints)
        }

        var service: WebhookService {
            WebhookService(
                storage: storage, sender: sender, endpoints: { [endpoints] in endpoints.now.withLock { $0 } },
                published: SignalBoard(), clock: store.clock, random: SeededRandom(1), logger: Logger(label: "test"))
        }

        func append(_ id: String, merchant: String = "shop1", subMchid: String? = nil) async throws {
            let event = OutboxEvent(
                merchant: merchant, subMchid: subMchid, id: id, kind: .paymentPaid, paymentID: nil,
                data: Array(#"{"of":"\#(merchant)"}"#.utf8), at: store.clock.now)
            try await store.storage.write(merchant) { try $0.append(event) }
        }

        func publish() async throws { while try await store.storage.publishEvents(limit: 100) > 0 {} }

        /// Lets the job of a client work until it has nothing to do for now.
        @discardableResult
        func work(_ client: String = "erp") async -> Timestamp {
            let job = WebhookJob(client: client, webhooks: service)
            while true {
                let next = await job.tick(store.clock.now)
                if next > store.clock.now { return next }
            }
        }

        func deliveries(_ client: String = "erp", scopes: [MerchantScope] = [.init("shop1")]) async throws -> [WebhookDelivery] {
            try await storage.webhooks(WebhookFilter(client: client, scopes: scopes))
        }
    }

    private static func endpoint(_ client: String = "erp", scopes: [MerchantScope] = [.init("shop1")]) -> WebhookEndpoint {
        WebhookEndpoint(
            client: client, url: "https://erp.example.com/hook", scopes: scopes, keys: [Secret("k")],
            allowsPrivateAddresses: false)
    }

    private func run(_ endpoints: [WebhookEndpoint] = [endpoint()], _ body: (Place) async throws -> Void) async throws {
        for engine in Engine.allCases {
            try await StoreFixture.run(engine) { store in
                let place = Place(store, endpoints)
                try await place.service.begin()
                try await body(place)
            }
        }
    }

    @Test("Each published event goes out once; what is not published yet does not")
    func once() async throws {
        try await run { place in
            try await place.append("evt_1")
            await place.work()
            #expect(place.sender.ids.isEmpty)
            try await place.publish()
            await place.work()
            await place.work()
            #expect(place.sender.ids == ["evt_1"])
            #expect(
                place.sender.bodies.map { String(decoding: $0, as: UTF8.self) } == [
                    #"{"type":"payment.paid","timestamp":"\#(place.store.clock.now.rfc3339)","data":{"of":"shop1"}}"#
                ])
            let delivery = try #require(try await place.deliveries().first)
            #expect(delivery.state == .delivered && delivery.attempts == 1 && delivery.lastStatus == 204)
            #expect(delivery.deliveredAt == place.store.clock.now && delivery.nextAttemptAt == nil)
        }
    }

    @Test("A new endpoint begins with what happens from now on, a known one goes on where it was")
    func beginning() async throws {
        try await run { place in
            try await place.append("evt_1")
            try await place.publish()
            await place.work()
            place.endpoints.now.withLock { $0.append(Self.endpoint("crm")) }
            try await place.service.begin()
            try await place.append("evt_2")
            try await place.publish()
            await place.work("crm")
            #expect(place.sender.ids(of: "crm") == ["evt_2"])
            // Gone for a while: nothing is sent, and nothing is forgotten.
            place.endpoints.now.withLock { $0 = [] }
            try await place.append("evt_3")
            try await place.publish()
            await place.work()
            #expect(place.sender.ids(of: "erp") == ["evt_1"])
            place.endpoints.now.withLock { $0 = [Self.endpoint()] }
            try await place.service.begin()
            await place.work()
            #expect(place.sender.ids(of: "erp") == ["evt_1", "evt_2", "evt_3"])
        }
    }

    @Test("A client is told of nothing that it may not see, nor of what it may see no longer")
    func scopes() async throws {
        let provider = Self.endpoint("sub", scopes: [MerchantScope("shop2", subMchids: ["1"])])
        try await run([Self.endpoint(), provider]) { place in
            try await place.append("evt_1")
            try await place.append("evt_2", merchant: "shop2", subMchid: "1")
            try await place.append("evt_3", merchant: "shop2", subMchid: "2")
            try await place.append("evt_4", merchant: "shop2")
            try await place.publish()
            await place.work("erp")
            await place.work("sub")
            #expect(place.sender.ids(of: "erp") == ["evt_1"])
            #expect(place.sender.ids(of: "sub") == ["evt_2"])
            place.sender.answer(500)
            try await place.append("evt_5")
            try await place.publish()
            await place.work()
            #expect(place.sender.ids(of: "erp") == ["evt_1", "evt_5"])
            place.endpoints.now.withLock { $0 = [Self.endpoint(scopes: [MerchantScope("shop3")])] }
            place.store.clock.advance(by: .seconds(3600))
            await place.work()
            #expect(place.sender.ids(of: "erp") == ["evt_1", "evt_5"])
            #expect(try await place.deliveries(scopes: [MerchantScope("shop3")]).isEmpty)
        }
    }

    @Test("What was not taken is tried again for a day with the same bytes, is dead then, and lives when it is replayed")
    func dead() async throws {
        try await run { place in
            place.sender.answer(500)
            try await place.append("evt_1")
            try await place.publish()
            let begin = place.store.clock.now
            await place.work()
            for attempt in 1...10 {
                let delivery = try #require(try await place.deliveries().first)
                #expect(delivery.state == .pending && delivery.attempts == Int64(attempt))
                #expect(delivery.lastError == "the receiver answered 500")
                let next = try #require(delivery.nextAttemptAt)
                place.store.clock.advance(by: next.since(place.store.clock.now) - .milliseconds(1))
                await place.work()
                #expect(place.sender.ids.count == attempt, "not before its time")
                place.store.clock.advance(by: .milliseconds(1))
                await place.work()
            }
            let day = place.store.clock.now.since(begin)
            #expect((.seconds(21 * 3600) ... .seconds(27 * 3600)).contains(day), "\(day)")
            #expect(try await place.deliveries().map(\.state) == [.dead])
            #expect(place.sender.ids == Array(repeating: "evt_1", count: 11))
            #expect(Set(place.sender.bodies).count == 1)
            place.store.clock.advance(by: .seconds(30 * 86_400))
            await place.work()
            #expect(place.sender.ids.count == 11)

            place.sender.answer(200)
            let scopes = [MerchantScope("shop1")]
            let replayed = try await place.service.replay(client: "erp", scopes: scopes, eventID: "evt_1")
            #expect(replayed.state == .pending && replayed.nextAttemptAt == place.store.clock.now)
            await #expect(throws: PaymentError(.wrongState, "")) {
                _ = try await place.service.replay(client: "erp", scopes: scopes, eventID: "evt_1")
            }
            await place.work()
            #expect(try await place.deliveries().map(\.state) == [.delivered])
            #expect(Set(place.sender.bodies).count == 1)
            _ = try await place.service.replay(client: "erp", scopes: scopes, eventID: "evt_1")
            await place.work()
            #expect(place.sender.ids.count == 13)
        }
    }

    @Test("Nobody replays what is not theirs")
    func replayOfOthers() async throws {
        try await run { place in
            try await place.append("evt_1")
            try await place.publish()
            await place.work()
            for (client, scope, event) in [
                ("crm", "shop1", "evt_1"), ("erp", "shop2", "evt_1"), ("erp", "shop1", "evt_9"),
            ] {
                await #expect(throws: PaymentError(.notFound, "")) {
                    _ = try await place.service.replay(client: client, scopes: [MerchantScope(scope)], eventID: event)
                }
            }
        }
    }

    @Test("A claim that its owner never came back to is taken over after a minute")
    func crashedClaim() async throws {
        try await run { place in
            try await place.append("evt_1")
            try await place.publish()
            let now = place.store.clock.now
            _ = try await place.storage.fanOutWebhooks(client: "erp", scopes: [MerchantScope("shop1")], now: now, limit: 10)
            let delivery = try #require(try await place.deliveries().first)
            let until = now.advanced(by: .seconds(60))
            #expect(try await place.storage.claimWebhook(delivery, until: until))
            #expect(try await !place.storage.claimWebhook(delivery, until: until), "only one has it")
            await place.work()
            #expect(place.sender.ids.isEmpty)
            place.store.clock.advance(by: .seconds(60))
            await place.work()
            #expect(place.sender.ids == ["evt_1"])
            // The first owner comes back late: its failure is no news, and a second success changes nothing.
            try await place.storage.saveWebhook(
                delivery.after(WebhookAttempt(status: 500), at: now, next: until), claimed: until)
            #expect(try await place.deliveries().map(\.state) == [.delivered])
        }
    }

    @Test("Two servers share the work, and each event is put down and sent once")
    func twoServers() async throws {
        try await run { place in
            for number in 0..<30 { try await place.append("evt_\(number)") }
            try await place.publish()
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<2 { group.addTask { await place.work() } }
            }
            #expect(place.sender.ids.count == 30)
            #expect(Set(place.sender.ids).count == 30)
        }
    }

    @Test("More events than fit into one page all go out, and the cursor passes what others may see")
    func pages() async throws {
        try await run { place in
            for number in 0..<7 {
                try await place.append("evt_\(number)")
                try await place.append("evt_\(number)", merchant: "shop2")
            }
            try await place.publish()
            let scopes = [MerchantScope("shop1")]
            var rounds = 1
            while try await place.storage.fanOutWebhooks(client: "erp", scopes: scopes, now: place.store.clock.now, limit: 3) {
                rounds += 1
            }
            #expect(rounds == 3)
            #expect(try await place.deliveries().map(\.position) == [13, 11, 9, 7, 5, 3, 1])
            #expect(try await place.store.integer("SELECT position FROM webhook_cursors") == 14)
            var filter = WebhookFilter(client: "erp", scopes: scopes)
            filter.before = 9
            filter.limit = 2
            #expect(try await place.storage.webhooks(filter).map(\.position) == [7, 5])
            filter.state = .dead
            #expect(try await place.storage.webhooks(filter).isEmpty)
        }
    }

    @Test("A receiver that is down is not asked for everything at once")
    func patience() async throws {
        try await run { place in
            for number in 0..<50 { try await place.append("evt_\(number)") }
            try await place.publish()
            place.sender.answer(503)
            let next = await place.work()
            #expect(place.sender.ids.count <= 12)
            #expect(next > place.store.clock.now)
            place.sender.answer(204)
            place.store.clock.advance(by: .seconds(60))
            await place.work()
            #expect(try await place.deliveries().filter { $0.state == .delivered }.count == 50)
        }
    }
}
