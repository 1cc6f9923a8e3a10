import PaymentPrimitives
import Testing
import WeChatPaySandbox

@Suite("Asking twice has one effect")
struct IdempotencyTests {
    @Test("Same key and same body: same answer; other body: conflict")
    func sameKey() async throws {
        try await RunningSystem.run { system in
            let body = MadePayment.body(system, system.number(), total: 100)
            let first = try await system.createPayment(body, key: "k1")
            #expect(first.status == 201)
            let rows = try await system.rows.snapshot()
            let requests = system.network.requests.count
            let again = try await system.createPayment(body, key: "k1")
            #expect(again.status == 201)
            #expect(again.body == first.body)
            let other = try await system.createPayment(MadePayment.body(system, system.number(), total: 101), key: "k1")
            #expect(other.status == 409)
            #expect(other.string("code") == "idempotency_key_reused")
            #expect(try await system.rows.snapshot() == rows)
            #expect(system.network.requests.count == requests, "WeChat was not bothered")
            #expect(try await system.createPayment(body, key: "").status == 400)
            #expect(try await system.createPayment(body, key: String(repeating: "k", count: 256)).status == 400)
        }
    }

    @Test("A request that was answered gets its answer also after its payment has expired")
    func answeredThenExpired() async throws {
        try await RunningSystem.run { system in
            let end = system.clock.now.advanced(by: .seconds(300))
            let body = MadePayment.body(system, system.number(), total: 100, more: #","expires_at":"\#(end.rfc3339)""#)
            let first = try await system.createPayment(body, key: "k1")
            #expect(first.status == 201, "\(first.text)")
            try await system.advance(by: 600)
            let again = try await system.createPayment(body, key: "k1")
            #expect(again.status == 201, "\(again.text)")
            #expect(again.body == first.body)
        }
    }

    @Test("Twins at once make one payment")
    func twins() async throws {
        try await RunningSystem.run { system in
            let body = MadePayment.body(system, system.number(), total: 100)
            let answers = try await withThrowingTaskGroup(of: WebAnswer.self) { group in
                for _ in 0..<16 { group.addTask { try await system.createPayment(body, key: "k1") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let made = answers.filter { $0.status == 201 }
            #expect(!made.isEmpty)
            #expect(Set(made.map(\.body)).count == 1)
            #expect(answers.allSatisfy { $0.status == 201 || $0.string("code") == "in_progress" })
            #expect(try await system.rows.integer("SELECT COUNT(*) FROM payments") == 1)
            #expect(system.network.count("jsapi") == 1)
        }
    }

    @Test("A request whose result is unknown is resumed by the next with the same key, at once")
    func resumed() async throws {
        try await RunningSystem.run { system in
            let number = system.number()
            let body = MadePayment.body(system, number, total: 100)
            system.network.fail("jsapi", .answerLost)
            let first = try await system.createPayment(body, key: "k1")
            #expect(first.status == 503)
            #expect(first.header("Retry-After") == "2")
            system.network.heal()
            let again = try await system.createPayment(body, key: "k1")
            #expect(again.status == 201, "\(again.text)")
            #expect(again.string("payment.out_trade_no") == number)
            #expect(try await system.rows.integer("SELECT COUNT(*) FROM payments") == 1)
        }
    }

    @Test("What only stood in the way is not the answer for ever: the same request does when it is gone")
    func obstacle() async throws {
        try await RunningSystem.run { system in
            let first = try await system.payment(total: 100, reference: "A-1")
            let body = MadePayment.body(system, system.number(), total: 101, reference: "A-1")
            for _ in 0..<2 {
                let refused = try await system.createPayment(body, key: "k1")
                #expect(refused.status == 409 && refused.string("code") == "conflict", "\(refused.text)")
                #expect(refused.string("field") == "reference")
            }
            _ = try await system.web.post("/v1/payments/\(first.id)/close", token: system.apiKey)
            let made = try await system.createPayment(body, key: "k1")
            #expect(made.status == 201, "\(made.text)")
            #expect(try await system.createPayment(body, key: "k1").body == made.body)
            // One that was paid stays so, and with it the answer.
            let prepay = String(try #require(made.string("client.package")).dropFirst("prepay_id=".count))
            try await system.sandbox.pay(.prepayID(prepay), openid: system.sandbox.users[0].openid)
            let id = try #require(made.string("payment.id"))
            try await eventually("it is paid") {
                try await system.web.get("/v1/payments/\(id)", token: system.apiKey).string("payment.state") == "paid"
            }
            let late = MadePayment.body(system, system.number(), total: 102, reference: "A-1")
            let final = try await system.createPayment(late, key: "k2")
            #expect(final.status == 409 && final.string("code") == "wrong_state", "\(final.text)")
            #expect(try await system.createPayment(late, key: "k2").body == final.body)
        }
    }

    @Test("A reference has one open payment")
    func oneOpenPayment() async throws {
        try await RunningSystem.run { system in
            let number = system.number()
            func create(total: Int64, number: String) async throws -> WebAnswer {
                let body = MadePayment.body(system, number, total: total, reference: "A-1")
                return try await system.createPayment(body, key: system.number("key"))
            }
            let first = try await create(total: 100, number: number)
            let second = try await create(total: 100, number: number)
            #expect(second.status == 201)
            #expect(second.string("payment.id") == first.string("payment.id"))
            #expect(second.string("client.package") == first.string("client.package"))
            #expect(try await create(total: 101, number: number).status == 409)
            #expect(try await create(total: 100, number: system.number()).status == 409, "another number is another payment")
            let twins = system.number()
            let answers = try await withThrowingTaskGroup(of: String?.self) { group in
                for index in 0..<12 {
                    group.addTask {
                        let body = MadePayment.body(system, twins, total: 7, reference: "B-1")
                        return try await system.createPayment(body, key: "twin\(index)").string("payment.id")
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(answers).count == 1)
            #expect(answers[0] != nil)
            // Once it is closed there may be another.
            let id = try #require(first.string("payment.id"))
            #expect(
                try await system.web.post("/v1/payments/\(id)/close", token: system.apiKey).string("payment.state") == "closed")
            let third = try await create(total: 101, number: system.number())
            #expect(third.status == 201)
            #expect(third.string("payment.id") != id)
        }
    }
}
