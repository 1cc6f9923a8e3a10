import PaymentPrimitives
import Testing
import WeChatPaySandbox

@Suite("The hostile world: answers", .serialized)
struct HostileAnswerTests {
    @Test("Row 90: a 200 without a signature is no answer: nothing is booked, closed or failed, and WeChat is asked")
    func unsigned() async throws {
        try await RunningSystem.run { system in
            system.loseNotifications()
            let number = system.number()
            let body = MadePayment.body(system, number, total: 100)
            // The order: what it gives to pay with is not handed out.
            system.network.fail("/jsapi", .unsigned)
            let refused = try await system.createPayment(body, key: "k1")
            #expect(refused.status == 503 && refused.string("code") == "result_unknown", "\(refused.text)")
            #expect(try await system.rows.booked(outTradeNo: number).state == "created")
            system.network.heal()
            let made = try await system.createPayment(body, key: "k1")
            #expect(made.status == 201)
            let id = try #require(made.string("payment.id"))
            // The close, and the question before it.
            for part in ["/close", "out-trade-no"] {
                system.network.fail(part, .unsigned)
                let closing = try await system.web.post("/v1/payments/\(id)/close", token: system.apiKey)
                #expect(closing.status == 503, "\(part): \(closing.text)")
                #expect(try await system.rows.booked(outTradeNo: number).state == "pending")
            }
            // The question.
            let prepay = String(try #require(made.string("client.package")).dropFirst("prepay_id=".count))
            try await system.sandbox.pay(.prepayID(prepay), openid: system.sandbox.users[0].openid)
            system.clock.advance(by: .seconds(5))
            let asked = try await system.web.post("/v1/payments/\(id)/sync", token: system.apiKey)
            #expect(asked.string("payment.state") == "pending", "\(asked.text)")
            system.network.heal()
            try await system.advance(by: 90)
            try await eventually("the job has asked again") { try await system.rows.booked(outTradeNo: number).state == "paid" }
        }
    }

    @Test("Row 90: an unsigned answer to a charge or its reversal is no answer either")
    func unsignedCharge() async throws {
        try await RunningSystem.run { system in
            let number = system.number()
            let code = try system.sandbox.authCode(openid: system.sandbox.users[0].openid)
            let body = MadePayment.body(
                system, number, method: "codepay", more: #","auth_code":"\#(code)","scene":{"store_info":{"id":"A1"}}"#)
            system.network.fail("codepay", .unsigned)
            system.network.fail("reverse", .unsigned)
            #expect(try await system.createPayment(body, key: "k1").status == 503)
            for _ in 0..<14 { try await system.waitAtTheTill(number) }
            #expect(system.network.count("reverse") > 1, "told again and again")
            #expect(try await system.rows.booked(outTradeNo: number).state == "created")
            system.network.heal()
            try await system.advance(by: 10)
            try await eventually("WeChat never had it") {
                try await system.rows.booked(outTradeNo: number).state == "closed"
            }
        }
    }

    @Test(
        "Row 46: a coupon pays a part, and the books tell the whole", arguments: [SandboxOrder.AppliedCoupon.Kind.cash, .noCash])
    func coupon(_ kind: SandboxOrder.AppliedCoupon.Kind) async throws {
        try await RunningSystem.run { system in
            let openid = system.sandbox.users[0].openid
            try system.sandbox.addCoupon(openid: openid, amount: 30, type: kind)
            let payment = try await system.payment()
            try await system.sandbox.pay(
                .outTradeNo(payment.outTradeNo, mchid: system.merchant.mchid), openid: openid)
            try await eventually("it is booked") {
                try await system.rows.booked(outTradeNo: payment.outTradeNo).state == "paid"
            }
            let booked = try await system.rows.booked(outTradeNo: payment.outTradeNo)
            #expect(booked.ledger == (kind == .cash ? [100, -100] : [70, -100, 30]))
            let found = try await system.web.get("/v1/payments/\(payment.id)", token: system.apiKey)
            #expect(found.integer("payment.amount.payer_total") == 70)
            #expect(found.integer("payment.amount.total") == 100)
        }
    }
}
