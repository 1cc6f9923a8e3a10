import DatabaseHarness
import PaymentPrimitives
import Payments
import Testing

@Suite("Questions and events in order")
struct QueueTests {
    @Test("Of many who want to ask for a payment, one may within the interval", arguments: Engine.allCases)
    func claimQuery(engine: Engine) async throws {
        try await StoreFixture.run(engine) { store in
            _ = try await store.create(store.payment("pay_1"))
            func claim(_ milliseconds: Int64) async throws -> Bool {
                let now = store.clock.now.advanced(by: .milliseconds(milliseconds))
                return try await store.storage.write("shop1") {
                    try $0.claimQuery(merchant: "shop1", id: "pay_1", now: now, interval: .seconds(2))
                }
            }
            let claims = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 { group.addTask { try await claim(0) } }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(claims == 1)
            #expect(try await claim(1999) == false)
            #expect(try await claim(2000))
            #expect(try await claim(3999) == false)
            #expect(try await claim(-1), "a clock that was set back locks nobody out")
            #expect(try await store.storage.payment(merchant: "shop1", id: "pay_1")?.version == 1, "asking decides nothing")
        }
    }

    @Test("Of many jobs that see a payment due, one works on it", arguments: Engine.allCases)
    func claimDue(engine: Engine) async throws {
        try await StoreFixture.run(engine) { store in
            let due = store.clock.now
            _ = try await store.create(store.payment("pay_1", nextQueryAt: due))
            let claims = try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<20 {
                    group.addTask {
                        try await store.storage.write("shop1") {
                            try $0.claimDue(
                                merchant: "shop1", id: "pay_1", due: due, until: due.advanced(by: .seconds(60 + Int64(index))))
                        }
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(claims == 1)
            // A job that died is relieved: the question is due again a minute later.
            #expect(
                try await store.storage.dueQueries(merchant: "shop1", now: due.advanced(by: .seconds(59)), limit: 10).due.isEmpty)
            #expect(
                try await store.storage.dueQueries(merchant: "shop1", now: due.advanced(by: .seconds(80)), limit: 10).due.map(
                    \.id) == ["pay_1"])
        }
    }

    @Test("What is due comes first, in the order of its time, and the next moment is told", arguments: Engine.allCases)
    func dueQueries(engine: Engine) async throws {
        try await StoreFixture.run(engine) { store in
            let now = store.clock.now
            for (id, seconds) in [("pay_c", 3), ("pay_a", 1), ("pay_b", 2), ("pay_z", 100)] as [(String, Int64)] {
                _ = try await store.create(store.payment(id, nextQueryAt: now.advanced(by: .seconds(seconds))))
            }
            _ = try await store.create(store.payment("pay_never"))
            let first = try await store.storage.dueQueries(merchant: "shop1", now: now.advanced(by: .seconds(3)), limit: 2)
            #expect(first.due.map(\.id) == ["pay_a", "pay_b"])
            #expect(first.next == now.advanced(by: .seconds(100)))
            let none = try await store.storage.dueQueries(merchant: "shop1", now: now, limit: 10)
            #expect(none.due.isEmpty)
            #expect(none.next == now.advanced(by: .seconds(1)))
        }
    }

    @Test("Positions have no gaps, never change, and a reader who follows them misses nothing", arguments: Engine.allCases)
    func positions(engine: Engine) async throws {
        try await StoreFixture.run(engine) { store in
            // Written by many, published by several at once, in between.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<8 {
                    group.addTask {
                        for number in 0..<10 {
                            let event = store.event(
                                "evt_\(writer)_\(number)", at: Timestamp(seconds: Int64((writer * 7 + number) % 5)))
                            try await store.storage.write("shop1") { try $0.append(event) }
                        }
                    }
                }
                for _ in 0..<4 {
                    group.addTask { for _ in 0..<10 { _ = try await store.storage.publishEvents(limit: 7) } }
                }
                try await group.waitForAll()
            }
            while try await store.storage.publishEvents(limit: 7) > 0 {}
            var read: [OutboxEvent] = []
            while true {
                let page = try await store.storage.events(merchants: ["shop1"], after: read.last?.position ?? 0, limit: 9)
                if page.isEmpty { break }
                read += page
            }
            #expect(read.map(\.position) == (1...80).map { Int64($0) })
            #expect(Set(read.map(\.id)).count == 80)
            _ = try await store.storage.publishEvents(limit: 100)
            let again = try await store.storage.events(merchants: ["shop1"], after: 0, limit: 100)
            #expect(again == read)
        }
    }

    @Test(
        "An event that was written twice is there once, with its first content; others' events are not seen",
        arguments: Engine.allCases)
    func sameEvent(engine: Engine) async throws {
        try await StoreFixture.run(engine) { store in
            let event = store.event("evt_1")
            let twin = OutboxEvent(
                merchant: "shop1", id: "evt_1", kind: .paymentPaid, paymentID: nil, data: Array("[]".utf8), at: store.clock.now)
            try await store.storage.write("shop1") { try $0.append(event) }
            try await store.storage.write("shop1") { try $0.append(twin) }
            try await store.storage.write("shop2") { [other = store.event("evt_1", merchant: "shop2")] in try $0.append(other) }
            #expect(try await store.storage.events(merchants: ["shop1"], after: 0, limit: 10).isEmpty, "not published yet")
            #expect(try await store.storage.publishEvents(limit: 10) == 2)
            #expect(try await store.storage.publishEvents(limit: 10) == 0)
            let seen = try await store.storage.events(merchants: ["shop1"], after: 0, limit: 10)
            #expect(seen.map(\.kind) == [.wechatEvent])
            #expect(try await store.storage.events(merchants: [], after: 0, limit: 10).isEmpty)
            #expect(try await store.storage.events(merchants: ["shop1", "shop2"], after: 0, limit: 10).count == 2)
        }
    }
}
