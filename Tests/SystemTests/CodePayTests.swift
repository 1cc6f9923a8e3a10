import PaymentPrimitives
import Testing
import WeChatPaySandbox

@Suite("Charging the code that a payer shows", .serialized)
struct CodePayTests {
    private func charge(
        _ system: RunningSystem, _ number: String, code: String, key: String? = nil, total: Int64 = 100,
        reference: String? = nil
    ) async throws -> WebAnswer {
        try await system.createPayment(
            MadePayment.body(
                system, number, method: "codepay", total: total, reference: reference,
                more: #","auth_code":"\#(code)","scene":{"device_id":"till 1","store_info":{"id":"A1"}}"#),
            key: key ?? number)
    }

    @Test("A small amount is paid at once, and the code is nowhere afterwards")
    func atOnce() async throws {
        try await RunningSystem.run { system in
            let code = try system.sandbox.authCode(openid: system.sandbox.users[0].openid)
            let number = system.number()
            let made = try await charge(system, number, code: code)
            try #require(made.status == 201, "\(made.text)")
            #expect(made.string("payment.state") == "paid")
            #expect(!made.has("client"))
            #expect(made.string("payment.payer.openid") == system.sandbox.users[0].openid)
            let again = try await charge(system, number, code: code)
            #expect(again.body == made.body, "the same request, the same answer")
            #expect(system.network.count("codepay") == 1)
            let booked = try await system.rows.booked(outTradeNo: number)
            #expect(booked.transitions == ["created", "paid"] && booked.ledger == [100, -100])
            #expect(!system.log.lines.contains { $0.text.contains(code) })
            #expect(!system.web.answers(after: 0).contains { $0.contains(code) })
            for table in ["payments", "payment_events", "outbox", "idempotency_keys"] {
                #expect(try await !system.rows.everything(in: table).contains(code), "\(table)")
            }
        }
    }

    @Test("A password is waited for and found by asking; the payer says no, and it failed")
    func password() async throws {
        try await RunningSystem.run { system in
            let openid = system.sandbox.users[0].openid
            for (outcome, state) in [(PayOutcome.success, "paid"), (.cancel, "failed")] {
                let number = system.number()
                let code = try system.sandbox.authCode(openid: openid, needsPassword: true)
                let made = try await charge(system, number, code: code)
                #expect(made.status == 201, "\(made.text)")
                #expect(made.string("payment.state") == "user_paying")
                try system.sandbox.confirmCode(outTradeNo: number, mchid: system.merchant.mchid, outcome: outcome)
                try await system.advance(by: 6)
                try await eventually("it is \(state)") {
                    try await system.rows.booked(outTradeNo: number).state == state
                }
            }
        }
    }

    @Test("Nobody types the password, and the charge is taken back after 45 seconds")
    func takenBack() async throws {
        try await RunningSystem.run { system in
            let number = system.number()
            let code = try system.sandbox.authCode(openid: system.sandbox.users[0].openid, needsPassword: true)
            _ = try await charge(system, number, code: code, reference: "table 7")
            let other = try system.sandbox.authCode(openid: system.sandbox.users[1].openid)
            let next = system.number()
            let second = try await charge(system, next, code: other, reference: "table 7")
            #expect(second.status == 409, "no other code while the first may take the money: \(second.text)")
            #expect(second.string("code") == "conflict")
            for _ in 0..<4 { try await system.waitAtTheTill(number) }
            #expect(system.network.count("reverse") == 0)
            try await system.advance(by: 10)
            try await eventually("it is closed") { try await system.rows.booked(outTradeNo: number).state == "closed" }
            #expect(system.network.count("reverse") == 1)
            let known = system.sandbox.order(mchid: system.merchant.mchid, outTradeNo: number)
            #expect(known?.tradeState == .revoked)
            // Now the table may be charged again, and the refusal of a moment ago is not what the same request gets.
            let third = try await charge(system, next, code: other, reference: "table 7")
            #expect(third.string("payment.state") == "paid", "\(third.text)")
        }
    }

    @Test("The answer is lost, and the same request finds the money without charging again")
    func answerLost() async throws {
        try await RunningSystem.run { system in
            let number = system.number()
            let code = try system.sandbox.authCode(openid: system.sandbox.users[0].openid)
            system.network.fail("codepay", .answerLost)
            let first = try await charge(system, number, code: code)
            #expect(first.status == 503, "\(first.text)")
            #expect(first.string("code") == "result_unknown")
            let again = try await charge(system, number, code: code)
            #expect(again.status == 201, "\(again.text)")
            #expect(again.string("payment.state") == "paid")
            #expect(system.network.count("codepay") == 1)
            #expect(try await system.rows.booked(outTradeNo: number).ledger == [100, -100])
        }
    }

    @Test("The charge never reaches WeChat: it is taken back as long as it could still arrive, and then given up")
    func lost() async throws {
        try await RunningSystem.run { system in
            let number = system.number()
            let code = try system.sandbox.authCode(openid: system.sandbox.users[0].openid)
            system.network.fail("codepay", .lost)
            #expect(try await charge(system, number, code: code).status == 503)
            system.network.heal()
            for _ in 0..<11 { try await system.waitAtTheTill(number) }
            #expect(try await system.rows.booked(outTradeNo: number).state == "created")
            try await system.advance(by: 10)
            try await eventually("it is given up") { try await system.rows.booked(outTradeNo: number).state == "closed" }
            #expect(system.network.count("codepay") == 1)
        }
    }

    @Test("A code that is used, unknown or short of money is a failure with WeChat's code")
    func refused() async throws {
        try await RunningSystem.run { system in
            let openid = system.sandbox.users[0].openid
            let used = try system.sandbox.authCode(openid: openid)
            _ = try await charge(system, system.number(), code: used)
            let poor = try system.sandbox.authCode(openid: openid)
            for (code, total) in [(used, Int64(100)), ("150000000000000000", 100), (poor, 90_000)] {
                if code == poor {
                    // The first nine hundred yuan go away elsewhere, until there are not enough left.
                    for _ in 0..<11 {
                        let rich = try system.sandbox.authCode(openid: openid)
                        _ = try await charge(system, system.number(), code: rich, total: 90_000)
                    }
                }
                let number = system.number()
                let answer = try await charge(system, number, code: code, total: total)
                #expect(answer.status == 422, "\(answer.text)")
                #expect(answer.has("wechat_code"))
                let again = try await charge(system, number, code: code, total: total)
                #expect(again.body == answer.body)
                #expect(try await system.rows.booked(outTradeNo: number).state == "failed")
            }
        }
    }

    @Test("Closing takes an open charge back, and not a paid one")
    func close() async throws {
        try await RunningSystem.run { system in
            let number = system.number()
            let code = try system.sandbox.authCode(openid: system.sandbox.users[0].openid, needsPassword: true)
            let made = try await charge(system, number, code: code)
            let id = try #require(made.string("payment.id"))
            let early = try await system.web.post("/v1/payments/\(id)/close", token: system.apiKey)
            #expect(early.status == 409 && early.string("code") == "in_progress", "\(early.text)")
            for _ in 0..<2 { try await system.waitAtTheTill(number) }
            let closed = try await system.web.post("/v1/payments/\(id)/close", token: system.apiKey)
            #expect(closed.string("payment.state") == "closed", "\(closed.text)")
            let timeline = try await system.web.get("/v1/payments/\(id)/timeline", token: system.apiKey)
            #expect(timeline.text.contains("reversed"))
        }
    }
}
