import Foundation
import PaymentPrimitives
import SQLDatabase
import Testing
import WeChatPaySandbox

@Suite("Money goes back", .serialized, .sharedSystem)
struct RefundTests {
    @Test("A refund that is asked for reaches the payer; answers, timeline, events and ledger say how", arguments: [true, false])
    func whole(notified: Bool) async throws {
        let system = try SharedSystem.get()
        let payment = try await system.paidPayment()
        if !notified { system.loseNotifications() }
        defer { system.deliverNotifications() }
        let made = try await payment.refund(
            #"{"amount":{"refund":40,"currency":"CNY"},"reason":"不要了","out_refund_no":"R@\#(payment.outTradeNo)"}"#)
        #expect(made.status == 201, "\(made.text)")
        #expect(made.string("refund.state") == "processing")
        #expect(made.string("refund.kind") == "requested")
        #expect(made.string("refund.payment_id") == payment.id)
        #expect(made.integer("refund.amount.refund") == 40)
        #expect(made.integer("refund.amount.total") == 100)
        #expect(made.integer("payment.amount.refundable") == 60)
        #expect(made.integer("payment.amount.refunded") == 0)
        let id = try #require(made.string("refund.id"))
        try await system.advance(by: notified ? 6 : 12)
        try await eventually("the refund succeeded") { try await system.refundState(id) == "succeeded" }
        let done = try await system.web.get("/v1/refunds/\(id)", token: system.apiKey)
        #expect(done.integer("refund.amount.payer_refund") == 40)
        #expect(done.integer("refund.amount.settlement_refund") == 40)
        #expect(done.has("refund.refund_id") && done.has("refund.success_time") && done.has("refund.user_received_account"))
        #expect(done.integer("payment.amount.refunded") == 40)
        let timeline = try await system.web.get("/v1/payments/\(payment.id)/timeline", token: system.apiKey)
        let states = (0..<6).compactMap {
            timeline.string("events.\($0).refund") == id ? timeline.string("events.\($0).to") : nil
        }
        #expect(states == ["created", "processing", "succeeded"])
        #expect(try await payment.outbox("refund.succeeded") == 1)
        #expect(try await payment.balance("refunds") == 40)
        #expect(try await payment.balance("wechat_unsettled") == 60)
    }

    @Test("Same key and same body: same answer, one refund; other body: conflict")
    func idempotency() async throws {
        let system = try SharedSystem.get()
        let payment = try await system.paidPayment()
        let body = #"{"amount":{"refund":10}}"#
        let key = system.number("RK")
        let first = try await payment.refund(body, key: key)
        #expect(first.status == 201)
        let again = try await payment.refund(body, key: key)
        #expect(again.status == 201 && again.body == first.body)
        #expect(try await payment.refund(#"{"amount":{"refund":11}}"#, key: key).string("code") == "idempotency_key_reused")
        #expect(try await payment.refund(body, key: "").status == 400)
        #expect(try await payment.amount("refundable") == 90)
        let twins = system.number("RK")
        let answers = try await withThrowingTaskGroup(of: WebAnswer.self) { group in
            for _ in 0..<10 { group.addTask { try await payment.refund(body, key: twins) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(answers.filter { $0.status == 201 }.map(\.body)).count == 1)
        #expect(answers.allSatisfy { $0.status == 201 || $0.string("code") == "in_progress" })
        #expect(try await payment.amount("refundable") == 80)
    }

    @Test("A refund of what is not paid yet is refused for now only: the same key does it once it is paid")
    func tooEarly() async throws {
        let system = try SharedSystem.get()
        let made = try await system.payment()
        let payment = PaidPayment(system: system, id: made.id, outTradeNo: made.outTradeNo, total: 100)
        let key = system.number("RK")
        for _ in 0..<2 {
            let refused = try await payment.refund("{}", key: key)
            #expect(refused.status == 409 && refused.string("code") == "conflict", "\(refused.text)")
        }
        try await system.pay(payment)
        let first = try await payment.refund("{}", key: key)
        #expect(first.status == 201, "\(first.text)")
        #expect(try await payment.refund("{}", key: key).body == first.body)
    }

    @Test(
        "A lost request, a lost answer, a gateway's 502 or a forged one is never a failure",
        arguments: [
            Network.Fault.lost, .answerLost, .badGateway, .unsigned, .tampered,
        ])
    func unknown(_ fault: Network.Fault) async throws {
        let system = try SharedSystem.get()
        let payment = try await system.paidPayment()
        system.network.fail("/v3/refund", fault)
        defer { system.network.heal() }
        let made = try await payment.refund(40)
        #expect(made.status == 201, "\(made.text)")
        #expect(made.string("refund.state") == "created")
        let id = try #require(made.string("refund.id"))
        system.network.heal()
        try await eventually("WeChat has it") {
            system.clock.advance(by: .seconds(5))
            return try await system.refundState(id) != "created"
        }
        try await system.advance(by: 6)
        try await eventually("it succeeded") { try await system.refundState(id) == "succeeded" }
        #expect(try await payment.amount("refunded") == 40)
        #expect(try await payment.balance("refunds_in_transit") == 0)
    }

    @Test("An account that holds too little: it waits, says so once, and goes on with the same number when it is topped up")
    func notEnough() async throws {
        let system = try SharedSystem.get()
        let payment = try await system.paidPayment()
        let made = try await payment.refund(#"{"amount":{"refund":40},"funds_account":"AVAILABLE"}"#)
        #expect(made.status == 201, "\(made.text)")
        #expect(made.string("refund.state") == "waiting_for_funds")
        #expect(try await payment.outbox("refund.insufficient_balance") == 1)
        #expect(try await payment.amount("refundable") == 60)
        let id = try #require(made.string("refund.id"))
        try await system.advance(by: 61)
        try await eventually("it was tried again") {
            try await system.rows.integer("SELECT try_count FROM refunds WHERE id = $1", .text(id)) == 1
        }
        try system.sandbox.topUp(mchid: system.merchant.mchid, amountFen: 1000)
        let synced = try await system.web.post("/v1/refunds/\(id)/sync", token: system.apiKey)
        #expect(synced.string("refund.state") == "processing", "\(synced.text)")
        #expect(synced.string("refund.out_refund_no") == made.string("refund.out_refund_no"))
        #expect(try await payment.outbox("refund.insufficient_balance") == 1)
    }

    @Test("A refund that ends abnormal or closed is told, and what was closed can go back in another way")
    func otherEnds() async throws {
        let system = try SharedSystem.get()
        for (outcome, state) in [(RefundOutcome.abnormal, "abnormal"), (.closed, "closed")] {
            let payment = try await system.paidPayment()
            try system.sandbox.setRefundOutcome(mchid: system.merchant.mchid, outRefundNo: nil, outcome)
            let id = try #require(try await payment.refund("{}").string("refund.id"))
            try await system.advance(by: 6)
            try await eventually("the refund is \(state)") { try await system.refundState(id) == state }
            #expect(try await payment.outbox("refund.\(state)") == 1)
            #expect(try await payment.amount("refundable") == (outcome == .closed ? 100 : 0))
            #expect(try await payment.balance("wechat_unsettled") == (outcome == .closed ? 100 : 0))
        }
    }

    @Test("What WeChat refuses for good is a problem with WeChat's code, and nothing is promised any more")
    func refused() async throws {
        let system = try SharedSystem.get()
        let payment = try await system.paidPayment()
        // By hand at WeChat, and nobody told us.
        try system.sandbox.refundFromConsole(
            mchid: system.merchant.mchid, outTradeNo: payment.outTradeNo, amountFen: 60)
        let refused = try await payment.refund(50)
        #expect(refused.status == 422, "\(refused.text)")
        #expect(refused.string("wechat_code") == "INVALID_REQUEST")
        #expect(try await payment.amount("refundable") == 100)
        #expect(try await payment.outbox("refund.closed") == 1)
    }

    @Test("Lists show one's own, by payment, number and state, page by page")
    func lists() async throws {
        let system = try SharedSystem.get()
        let payment = try await system.paidPayment()
        for fen in [1, 2, 3] as [Int64] { _ = try await payment.refund(fen, number: "L\(fen)\(payment.outTradeNo)") }
        let path = "/v1/refunds?payment_id=\(payment.id)"
        #expect(try await system.web.get(path, token: system.apiKey).count("refunds") == 3)
        let first = try await system.web.get(path + "&limit=2", token: system.apiKey)
        #expect(first.count("refunds") == 2)
        let cursor = try #require(first.string("cursor"))
        let rest = try await system.web.get(path + "&limit=2&cursor=\(cursor)", token: system.apiKey)
        #expect(rest.count("refunds") == 1 && !rest.has("cursor"))
        let one = try await system.web.get("/v1/refunds?out_refund_no=L2\(payment.outTradeNo)", token: system.apiKey)
        #expect(one.integer("refunds.0.amount.refund") == 2)
        #expect(try await system.web.get(path + "&state=succeeded", token: system.apiKey).count("refunds") == 0)
        #expect(try await system.web.get(path + "&state=done", token: system.apiKey).status == 400)
        #expect(try await system.web.get(path + "&stat=created", token: system.apiKey).status == 400)
    }

    @Test("An order whose money goes back is refunding, then refunded")
    func shopOrder() async throws {
        let system = try SharedSystem.get()
        let buyer = try await Buyer(system)
        let order = try await buyer.openOrder()
        try await buyer.pay(order)
        try await buyer.expectFulfilledOnce(order)
        let id = try #require(try await system.rows.paymentID(order.outTradeNo))
        let payment = PaidPayment(system: system, id: id, outTradeNo: order.outTradeNo, total: 2560)
        #expect(try await payment.refund("").status == 201)
        #expect(try await buyer.state(order) == "refunding")
        try await system.advance(by: 6)
        try await eventually("the order is refunded") { try await buyer.state(order) == "refunded" }
        #expect(try await buyer.call(order.id, "pay").status == 409)
        #expect(try await buyer.call(order.id, "cancel").status == 409)
    }
}

@Suite("Refunds made by hand at WeChat")
struct ConsoleRefundTests {
    @Test("A refund from the merchant console is kept, booked, and lessens what can go back")
    func external() async throws {
        var options = RunningSystem.Options()
        options.setup.merchants[0].refundNotifyURL = "https://pay.example.com/notify/v3/demo"
        try await RunningSystem.run(options) { system in
            let payment = try await system.paidPayment()
            try system.sandbox.refundFromConsole(
                mchid: system.merchant.mchid, outTradeNo: payment.outTradeNo, amountFen: 30)
            try await system.advance(by: 6)
            try await eventually("it is booked") { try await payment.amount("refunded") == 30 }
            #expect(try await payment.amount("refundable") == 70)
            let list = try await system.web.get("/v1/refunds?payment_id=\(payment.id)", token: system.apiKey)
            #expect(list.string("refunds.0.kind") == "external" && list.string("refunds.0.state") == "succeeded")
            #expect(try await payment.outbox("refund.succeeded") == 1)
        }
    }
}
