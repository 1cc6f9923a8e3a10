import Foundation
import HTTPTypes
import Logging
import PaymentPrimitives
import SQLDatabase
import Testing
import WeChatPay
import WeChatPaySandbox

@Suite("The hostile world: refunds", .serialized, .sharedSystem)
struct HostileRefundTests {
    @Test("Is refused and changes nothing", arguments: RefundAttack.all)
    func attack(_ row: RefundAttack) async throws {
        let system = try SharedSystem.get()
        let payment = try await system.paidPayment()
        let made = try await payment.refund(40)
        try #require(made.status == 201, "\(made.text)")
        let number = try #require(made.string("refund.out_refund_no"))
        try await system.expectRefused(row.statuses, logged: 1...1) { try await row.send(payment, number) }
        // And the truth is still believed.
        let truth = try await ForgedRefund(of: payment, outRefundNo: number, fen: 40)
        #expect(try await system.notify(truth.notification(system.forger)).status == 204)
        #expect(try await system.refundState(try #require(made.string("refund.id"))) == "succeeded")
        #expect(try await payment.amount("refunded") == 40)
        #expect(try await payment.amount("refundable") == 60)
    }

    @Test("Row 52: of two refunds of 60 % at once one is made", arguments: 0..<6)
    func race(_ round: Int) async throws {
        let system = try SharedSystem.get()
        let payment = try await system.paidPayment()
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<2 { group.addTask { try await payment.refund(60).status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.sorted() == [201, 409])
        #expect(try await payment.amount("refundable") == 40)
    }

    @Test("Row 55: fifty parts and not one more")
    func parts() async throws {
        let system = try SharedSystem.get()
        let payment = try await system.paidPayment()
        for _ in 0..<50 { #expect(try await payment.refund(1).status == 201) }
        try await system.expectRefused(409...409, logged: 1...1) { [try await payment.refund(1)] }
        #expect(try await payment.amount("refundable") == 50)
    }

    @Test("Row 55: three thirds of 100 fen make 100, here and at WeChat")
    func thirds() async throws {
        let system = try SharedSystem.get()
        let payment = try await system.paidPayment()
        var atWeChat: Int64 = 0
        var numbers: [String] = []
        for body in [#"{"amount":{"refund":33}}"#, #"{"amount":{"refund":33}}"#, "{}"] {
            numbers.append(try #require(try await payment.refund(body).string("refund.out_refund_no")))
        }
        try await system.advance(by: 6)
        try await eventually("all went back") { try await payment.amount("refunded") == 100 }
        for number in numbers {
            let refund = try #require(try system.sandbox.refund(mchid: system.merchant.mchid, outRefundNo: number))
            #expect(refund.status == .success)
            atWeChat += refund.payerRefund
        }
        #expect(atWeChat == 100)
        #expect(try await payment.balance("wechat_unsettled") == 0)
        #expect(try await payment.balance("refunds") == 100)
        #expect(try await payment.balance("refunds_in_transit") == 0)
        #expect(try await payment.refund("{}").status == 409)
        #expect(
            system.sandbox.order(mchid: system.merchant.mchid, outTradeNo: payment.outTradeNo)?.tradeState == .refund)
    }

    @Test("Row 50: a success that comes again after the refund has no effect")
    func replayAfterRefund() async throws {
        let system = try SharedSystem.get()
        let payment = try await system.paidPayment()
        let delivery = try #require(system.sandbox.deliveries(outTradeNo: payment.outTradeNo).first)
        let request = try system.sandbox.notification(deliveryID: delivery.id)
        #expect(try await payment.refund("{}").status == 201)
        try await system.advance(by: 6)
        try await eventually("all went back") { try await payment.amount("refunded") == 100 }
        let settled = try await system.rows.snapshot()
        let again = ForgedNotification(
            headers: request.head.headerFields.map { ($0.name.rawName, $0.value) }, body: request.body)
        for _ in 0..<5 { #expect(try await system.notify(again).status == 204) }
        #expect(try await system.rows.snapshot() == settled)
    }

    @Test("Row 49: an older number paid later is booked and given back once; the order is fulfilled once")
    func olderNumber() async throws {
        let system = try SharedSystem.get()
        let buyer = try await Buyer(system)
        let older = try await buyer.openOrder()
        // Its close never reached WeChat, as when somebody's clock or database went wrong.
        try await system.rows.execute(
            """
            UPDATE payments SET state = 'closed', closed_at = 1, next_query_at = NULL
            WHERE out_trade_no = '\(older.outTradeNo)'
            """)
        // Ids sort by time.
        system.clock.advance(by: .seconds(1))
        let newer = try await buyer.call(older.id, "pay", #"{"method":"mini_program"}"#)
        let number = try #require(newer.string("order.out_trade_no"), "\(newer.text)")
        try #require(number != older.outTradeNo)
        let prepay = String(try #require(newer.string("client.package")).dropFirst("prepay_id=".count))
        try await buyer.pay(ShopOrder(id: older.id, outTradeNo: number, prepayID: prepay))
        try await eventually("the order is fulfilled") { try await buyer.state(older) == "fulfilled" }
        try await buyer.pay(older)
        let id = try #require(try await system.rows.paymentID(older.outTradeNo))
        let late = PaidPayment(system: system, id: id, outTradeNo: older.outTradeNo, total: 2560)
        try await eventually("the second payment is booked") { try await late.outbox("payment.paid") == 1 }
        try await eventually("it is sent back") {
            system.clock.advance(by: .seconds(1))
            return try await system.rows.integer(
                "SELECT COUNT(*) FROM refunds WHERE payment_id = $1 AND state = 'processing'", .text(id)) == 1
        }
        try await system.advance(by: 6)
        try await eventually("it went back") { try await late.amount("refunded") == 2560 }
        let back = try await system.rows.texts("SELECT out_refund_no FROM refunds WHERE payment_id = $1", .text(id))
        #expect(try system.sandbox.refund(mchid: system.merchant.mchid, outRefundNo: back.first ?? "")?.payerRefund == 2560)
        #expect(try await system.rows.texts("SELECT kind FROM refunds WHERE payment_id = $1", .text(id)) == ["duplicate"])
        #expect(try await buyer.state(older) == "fulfilled", "the order is as its first payment made it")
        #expect(
            try await system.rows.integer("SELECT COUNT(*) FROM shop_fulfilments WHERE order_id = $1", .text(older.id)) == 1)
        #expect(try await late.balance("wechat_unsettled") == 0)
    }

    @Test("Row 49: a second transaction under one number is booked apart, given back once, and shouted about once")
    func secondTransaction() async throws {
        let system = try SharedSystem.get()
        let payment = try await system.paidPayment()
        let mark = system.log.count
        var second = system.forger.success(outTradeNo: payment.outTradeNo, total: 100)
        second.transactionID = "4200009999" + payment.outTradeNo.suffix(12)
        for _ in 0..<5 { #expect(try await system.notify(system.forger.notification(second.json)).status == 204) }
        #expect(try await payment.amount("refundable") == 100, "the payment is as it was")
        #expect(try await payment.balance("duplicate_payments") == -100)
        let refunds = try await system.rows.texts("SELECT transaction_id FROM refunds WHERE payment_id = $1", .text(payment.id))
        #expect(refunds == [second.transactionID])
        let shouted = system.log.lines(after: mark).filter { $0.level == .critical }
        #expect(shouted.count { $0.text.contains("second transaction") } == 1)
        // The sandbox has no such transaction: it refuses, and an operator is told.
        try await eventually("WeChat was asked") {
            system.clock.advance(by: .seconds(1))
            return try await payment.outbox("refund.closed") == 1
        }
        let settled = try await system.rows.snapshot()
        #expect(try await system.notify(system.forger.notification(second.json)).status == 204)
        #expect(try await system.rows.snapshot() == settled)
    }
}
