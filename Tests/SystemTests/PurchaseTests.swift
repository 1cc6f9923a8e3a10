import Foundation
import Logging
import PaymentPrimitives
import Testing
import WeChatPaySandbox

@Suite("Purchases end as they should")
struct PurchaseTests {
    @Test("The notification never comes, and the page asks")
    func pageAsks() async throws {
        try await RunningSystem.run { system in
            system.loseNotifications()
            let buyer = try await Buyer(system)
            let order = try await buyer.openOrder()
            try await buyer.pay(order, outcome: .success)
            #expect(try await buyer.state(order) == "unpaid")
            let answer = try await buyer.call(order.id, "sync")
            #expect(answer.status == 200)
            #expect(["paid", "fulfilled"].contains(answer.string("order.state")))
            try await buyer.expectFulfilledOnce(order)
        }
    }

    @Test("The notification never comes, nobody asks, and the job does")
    func jobAsks() async throws {
        try await RunningSystem.run { system in
            system.loseNotifications()
            let buyer = try await Buyer(system)
            let order = try await buyer.openOrder()
            try await buyer.pay(order, outcome: .successThenKillApp)
            let asked = system.network.count("out-trade-no")
            try await system.advance(by: 19)
            #expect(system.network.count("out-trade-no") == asked, "not before its time")
            try await system.advance(by: 10)
            try await buyer.expectFulfilledOnce(order)
            #expect(system.network.count("out-trade-no") == asked + 1)
        }
    }

    @Test("The job asks again and again while WeChat is away, and the money is found in the end")
    func jobKeepsAsking() async throws {
        try await RunningSystem.run { system in
            system.loseNotifications()
            let buyer = try await Buyer(system)
            let order = try await buyer.openOrder()
            try await buyer.pay(order)
            for fault in [Network.Fault.lost, .badGateway, .unsigned, .tampered] {
                system.network.heal()
                system.network.fail("out-trade-no", fault)
                let asked = system.network.count("out-trade-no")
                try await system.advance(by: 90)
                try await eventually("it was asked, \(fault)") { system.network.count("out-trade-no") > asked }
                // The answer, such as it was, has been thought over when the log says so.
                try await eventually("the job has heard, \(fault)") {
                    system.log.lines.count { $0.text.contains("could not be asked for") } > 0
                }
                #expect(try await system.rows.booked(outTradeNo: order.outTradeNo).state == "pending")
            }
            system.network.heal()
            try await system.advance(by: 120)
            try await buyer.expectFulfilledOnce(order)
        }
    }

    @Test("The notification comes five times at once")
    func fiveTimes() async throws {
        try await RunningSystem.run { system in
            system.loseNotifications()
            let buyer = try await Buyer(system)
            let order = try await buyer.openOrder()
            try await buyer.pay(order)
            system.deliverNotifications()
            let id = try #require(system.sandbox.deliveries(outTradeNo: order.outTradeNo).first?.id)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<5 { group.addTask { _ = try await system.sandbox.resend(deliveryID: id) } }
                try await group.waitForAll()
            }
            let attempts = system.sandbox.deliveries(outTradeNo: order.outTradeNo).first?.attempts.map(\.status)
            #expect(attempts == Array(repeating: 204, count: 5))
            try await buyer.expectFulfilledOnce(order)
        }
    }

    @Test("The server is away when the notification comes; WeChat's second try arrives")
    func secondTry() async throws {
        try await RunningSystem.run { system in
            let buyer = try await Buyer(system)
            let order = try await buyer.openOrder()
            system.sandbox.setDeliver { _ in throw CancellationError() }
            try await buyer.pay(order)
            #expect(try await buyer.state(order) == "unpaid")
            system.deliverNotifications()
            try await system.sandbox.advanceClock(by: 16)
            try await buyer.expectFulfilledOnce(order)
            let statuses = system.sandbox.deliveries(outTradeNo: order.outTradeNo).first?.attempts.map(\.status)
            #expect(statuses == [nil, 204])
        }
    }

    @Test("An expired order that was paid at the last moment is paid, not closed")
    func paidAtTheLastMoment() async throws {
        try await RunningSystem.run { system in
            system.loseNotifications()
            let buyer = try await Buyer(system)
            let order = try await buyer.openOrder()
            // The regular questions are not heard, so that the one before the close has to find it.
            system.network.fail("out-trade-no", .lost)
            try await system.advance(by: 29 * 60)
            try await buyer.pay(order)
            system.network.heal()
            try await system.advance(by: 3 * 60)
            try await buyer.expectFulfilledOnce(order)
            #expect(system.network.count("/close") == 0)
        }
    }

    @Test("An expired order that nobody paid is closed at WeChat too")
    func expired() async throws {
        try await RunningSystem.run { system in
            let buyer = try await Buyer(system)
            let order = try await buyer.openOrder()
            try await system.advance(by: 29 * 60)
            // The question of then is answered and put away before time goes on.
            try await eventually("the job has asked") { try await system.rows.integer("SELECT query_count FROM payments") == 1 }
            #expect(try await buyer.state(order) == "unpaid")
            try await system.advance(by: 2 * 60)
            try await eventually("the order is closed") { try await buyer.state(order) == "closed" }
            let there = system.sandbox.order(mchid: system.merchant.mchid, outTradeNo: order.outTradeNo)
            #expect(there?.tradeState == .closed)
            let requests = system.network.requests.filter { $0.contains(order.outTradeNo) }
            #expect(requests.suffix(2).first?.contains("?mchid=") == true, "asked first: \(requests)")
            #expect(requests.last?.hasSuffix("/close") == true)
            let report = try await system.sandbox.pay(.prepayID(order.prepayID), openid: buyer.openid)
            #expect(report.tradeState == .closed, "nobody can pay it any more")
            #expect(try await buyer.call(order.id, "pay").status == 409)
        }
    }

    @Test("A close whose answer is lost is not believed; the next one is")
    func closeWithoutAnswer() async throws {
        try await RunningSystem.run { system in
            let buyer = try await Buyer(system)
            let order = try await buyer.openOrder()
            for fault in [Network.Fault.lost, .badGateway] {
                system.network.heal()
                system.network.fail("/close", fault)
                #expect(try await buyer.call(order.id, "cancel").status == 503)
                #expect(try await buyer.state(order) == "unpaid")
            }
            system.network.heal()
            try await buyer.pay(order)
            try await buyer.expectFulfilledOnce(order)
            #expect(try await buyer.call(order.id, "cancel").status == 409)
        }
    }

    @Test("A success that comes after the close is booked and fulfilled")
    func lateSuccess() async throws {
        try await RunningSystem.run { system in
            let buyer = try await Buyer(system)
            let order = try await buyer.openOrder()
            #expect(try await buyer.call(order.id, "cancel").string("order.state") == "closed")
            let late = try system.forger.notification(system.forger.success(outTradeNo: order.outTradeNo, total: 2560).json)
            #expect(try await system.notify(late).status == 204)
            try await buyer.expectFulfilledOnce(order, transitions: ["created", "pending", "closed", "paid"])
            let booked = try await system.rows.booked(outTradeNo: order.outTradeNo)
            #expect(booked.outbox.sorted() == ["payment.closed", "payment.paid"])
        }
    }

    @Test(
        "WeChat does not answer the order: it is kept, and the same number is paid later",
        arguments: [Network.Fault.lost, .answerLost, .badGateway, .unsigned, .tampered])
    func prepayWithoutAnswer(_ fault: Network.Fault) async throws {
        try await RunningSystem.run { system in
            let buyer = try await Buyer(system)
            system.network.fail("/v3/pay/transactions/jsapi", fault)
            let kept = try await buyer.order()
            #expect(kept.status == 201, "\(kept.text)")
            #expect(!kept.has("client"))
            #expect(kept.has("notice"))
            let id = try #require(kept.string("order.id"))
            let number = try #require(kept.string("order.out_trade_no"))
            #expect(kept.string("order.state") == "unpaid")
            #expect(try await system.rows.booked(outTradeNo: number).transitions == ["created"])
            #expect(try await buyer.call(id, "pay").has("client") == false, "still nothing to pay with")
            system.network.heal()
            let again = try await buyer.call(id, "pay")
            #expect(again.status == 200, "\(again.text)")
            #expect(again.string("order.out_trade_no") == number)
            #expect(again.count("order.payments") == 1)
            let prepay = String(try #require(again.string("client.package")).dropFirst("prepay_id=".count))
            let order = ShopOrder(id: id, outTradeNo: number, prepayID: prepay)
            try await buyer.pay(order)
            try await buyer.expectFulfilledOnce(order)
        }
    }

    @Test("Money that was paid under a number for which nobody here was given a prepay_id is not taken for ours")
    func paidWithoutAnswer() async throws {
        try await RunningSystem.run { system in
            let buyer = try await Buyer(system)
            system.network.fail("/v3/pay/transactions/jsapi", .answerLost)
            let kept = try await buyer.order()
            let number = try #require(kept.string("order.out_trade_no"))
            let report = try await system.sandbox.pay(
                .outTradeNo(number, mchid: system.merchant.mchid), openid: buyer.openid)
            #expect(report.tradeState == .success)
            let id = try #require(kept.string("order.id"))
            _ = try await system.web.post("/shop/orders/\(id)/sync", token: buyer.token)
            #expect(try await system.rows.integer("SELECT COUNT(*) FROM payments WHERE state = 'failed'") == 1)
            #expect(try await system.rows.integer("SELECT COUNT(*) FROM ledger_entries") == 0)
            #expect(system.log.lines.contains { $0.level == .critical && $0.text.contains(number) }, "somebody must look")
        }
    }

    @Test("WeChat refuses the order for good: it failed, and a new try has a new number")
    func refused() async throws {
        try await RunningSystem.run { system in
            var body = MadePayment.body(system, system.number(), total: 100, reference: "R1")
            body = body.replacingOccurrences(of: system.sandbox.users[0].openid, with: "oNobodyOfThisApp000000000001")
            let key = system.number()
            let first = try await system.createPayment(body, key: key)
            #expect(first.status == 422, "\(first.text)")
            #expect(first.has("wechat_code"))
            let again = try await system.createPayment(body, key: key)
            #expect(again.status == 422, "a final answer is given again")
            #expect(again.body == first.body)
            #expect(try await system.rows.integer("SELECT COUNT(*) FROM payments WHERE state = 'failed'") == 1)
            let next = try await system.createPayment(
                MadePayment.body(system, system.number(), total: 100, reference: "R1"), key: system.number())
            #expect(next.status == 201)
        }
    }
}
