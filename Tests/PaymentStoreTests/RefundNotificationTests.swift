import DatabaseHarness
import PaymentPrimitives
import Payments
import Testing

@Suite("Refunds that WeChat tells of")
struct RefundNotificationTests {
    /// What a notification says of a refund: it leaves out what the merchant gives.
    static func told(_ facts: RefundFacts?, _ status: RefundStatus) throws -> RefundFacts {
        var facts = try #require(facts)
        facts.mchid = "1900000001"
        facts.status = status
        facts.settlementRefund = nil
        return facts
    }

    static func byHand(_ payment: Payment, fen: Int64, number: String = "BYHAND1", _ status: RefundStatus = .success)
        -> RefundFacts
    {
        let refund = Refund(
            of: payment, id: "rf_x", kind: .external, outRefundNo: number, transactionID: payment.transactionID ?? "",
            amount: Money(fen: fen), createdAt: payment.createdAt)
        var facts = PlayedChannel.facts(refund, status)
        facts.refundID = "50hand" + number
        facts.mchid = "1900000001"
        facts.settlementRefund = nil
        return facts
    }

    @Test("A notification a hundred times is booked once, and stale ones after it change nothing", arguments: Engine.allCases)
    func replays(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            try await fixture.paid()
            let made = try await fixture.request(40)
            let success = try Self.told(fixture.channel.facts(made.refund.outRefundNo), .success)
            for _ in 0..<100 { #expect(try await fixture.notify(.observedRefund(success)) == 204) }
            #expect(try await fixture.refund(made.refund.id).state == .succeeded)
            let before = try await fixture.snapshot()
            for status in [RefundStatus.abnormal, .success, .other("NEW")] {
                #expect(try await fixture.notify(.observedRefund(Self.told(success, status))) == 204)
            }
            #expect(try await fixture.snapshot() == before)
            #expect(try await fixture.balance(.refunds) == 40)
            #expect(try await fixture.outbox(.refundSucceeded) == 1)
        }
    }

    @Test("A lie about one of our refunds is refused and changes nothing", arguments: Engine.allCases)
    func lies(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            try await fixture.paid()
            let made = try await fixture.request(40)
            let truth = try Self.told(fixture.channel.facts(made.refund.outRefundNo), .success)
            let before = try await fixture.snapshot()
            let lies: [(inout RefundFacts) -> Void] = [
                { $0.refund = 41 }, { $0.total = 40 }, { $0.transactionID = "42other" }, { $0.outTradeNo = "OTHER1" },
                { $0.currency = "USD" }, { $0.mchid = "1900000002" }, { $0.mchid = nil }, { $0.refundID = "50other" },
                { $0.payerRefund = -1 },
            ]
            for lie in lies {
                var facts = truth
                lie(&facts)
                #expect(try await fixture.notify(.observedRefund(facts)) == 400)
            }
            #expect(try await fixture.snapshot() == before)
            #expect(try await fixture.notify(.observedRefund(truth)) == 204)
        }
    }

    @Test("A refund made by hand at WeChat is kept and booked, and lessens what can go back", arguments: Engine.allCases)
    func external(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            let payment = try await fixture.paid()
            let facts = Self.byHand(payment, fen: 30)
            for _ in 0..<3 { #expect(try await fixture.notify(.observedRefund(facts)) == 204) }
            let refund = try #require(try await fixture.store.storage.refunds(RefundFilter(merchants: ["shop1"])).first)
            #expect(refund.kind == .external && refund.state == .succeeded && refund.amount.fen == 30)
            #expect(try await fixture.payment().refunds == RefundTotals(reserved: 30, refunded: 30, count: 1))
            #expect(try await fixture.balance(.refunds) == 30)
            await #expect(throws: PaymentError(.notRefundable, "")) { try await fixture.request(71) }
            // More than was paid can not have been given back.
            let before = try await fixture.snapshot()
            #expect(try await fixture.notify(.observedRefund(Self.byHand(payment, fen: 71, number: "BYHAND2"))) == 400)
            #expect(try await fixture.snapshot() == before)
            #expect(fixture.channel.sent.isEmpty, "it is never sent")
        }
    }

    @Test(
        "What a notification leaves out is asked for; until then nothing is booked, and it is never sent",
        arguments: Engine.allCases)
    func coupon(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            let payment = try await fixture.paid()
            var facts = Self.byHand(payment, fen: 30)
            facts.payerRefund = 20
            #expect(try await fixture.notify(.observedRefund(facts)) == 204)
            #expect(try await fixture.balance(.refunds) == 0)
            #expect(try await fixture.payment().refunds.reserved == 30)
            await fixture.pass(1)
            #expect(fixture.channel.asked == 1 && fixture.channel.sent.isEmpty)
            #expect(try await fixture.store.integer("SELECT COUNT(*) FROM refunds WHERE state = 'created'") == 1)
        }
    }

    @Test(
        "A refund of a payment that is not ours is kept away and shouted about; one that is not paid here is told again",
        arguments: Engine.allCases)
    func unknown(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            let payment = try await fixture.paid()
            var foreign = Self.byHand(payment, fen: 30)
            foreign.outTradeNo = "SOMEBODY1"
            let before = try await fixture.snapshot()
            #expect(try await fixture.notify(.observedRefund(foreign)) == 500)
            #expect(try await fixture.snapshot() == before)
            let open = fixture.store.payment(RefundFixture.second)
            _ = try await fixture.store.create(open)
            var early = Self.byHand(payment, fen: 30)
            early.outTradeNo = open.outTradeNo
            early.transactionID = "42\(RefundFixture.second)"
            #expect(try await fixture.notify(.observedRefund(early)) == 500)
            #expect(
                try await fixture.store.storage.payment(merchant: "shop1", id: RefundFixture.second)?.nextQueryAt
                    == fixture.store.clock.now,
                "WeChat is asked for the payment")
            try await fixture.store.book(fixture.store.success(open), on: RefundFixture.second)
            #expect(try await fixture.notify(.observedRefund(early)) == 204)
            #expect(try await fixture.payment(RefundFixture.second).refunds.refunded == 30)
        }
    }

    @Test("A second payment of an order is booked, and given back once by the job", arguments: Engine.allCases)
    func secondPayment(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            let older = fixture.store.payment(RefundFixture.first, reference: "order-1")
            _ = try await fixture.store.create(older)
            try await fixture.store.book(.closed, on: RefundFixture.first)
            try await fixture.paid(RefundFixture.second, reference: "order-1")
            for _ in 0..<3 { try await fixture.store.book(fixture.store.success(older), on: RefundFixture.first) }
            let late = try await fixture.payment()
            #expect(late.state == .paid && late.refundable == 0)
            #expect(try await fixture.outbox(.paymentPaid) == 2)
            await fixture.pass(1)
            #expect(fixture.channel.sent.count == 1)
            let refund = try #require(try await fixture.store.storage.refunds(RefundFilter(merchants: ["shop1"])).first)
            #expect(refund.kind == .duplicate && refund.paymentID == RefundFixture.first && refund.amount.fen == 100)
            fixture.channel.move(refund.outRefundNo, to: .success)
            await fixture.pass(10)
            #expect(try await fixture.payment().isRefunded)
            #expect(try await fixture.payment(RefundFixture.second).refunds == RefundTotals())
            #expect(try await fixture.balance(.wechatUnsettled) == 100)
        }
    }

    @Test(
        "A second transaction under one number is booked apart and given back once; the payment is as it was",
        arguments: Engine.allCases)
    func secondTransaction(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            let payment = try await fixture.paid()
            guard case .trade(var facts) = fixture.store.success(payment, discount: 20) else { return }
            facts.transactionID = "42second"
            for _ in 0..<3 { #expect(try await fixture.notify(.observed([facts])) == 204) }
            #expect(try await fixture.payment().transactionID == "42\(RefundFixture.first)")
            #expect(try await fixture.payment().refunds == RefundTotals())
            #expect(try await fixture.balance(.duplicatePayments) == -100)
            await fixture.pass(1)
            let refund = try #require(try await fixture.store.storage.refunds(RefundFilter(merchants: ["shop1"])).first)
            #expect(refund.kind == .duplicate && refund.transactionID == "42second")
            #expect(fixture.channel.sent == [refund.outRefundNo])
            fixture.channel.move(refund.outRefundNo, to: .success)
            await fixture.pass(10)
            #expect(try await fixture.balance(.duplicatePayments) == 0)
            #expect(try await fixture.balance(.refundsInTransit) == 0)
            #expect(try await fixture.balance(.refunds) == 0)
            let settled = try await fixture.snapshot()
            #expect(try await fixture.notify(.observed([facts])) == 204)
            #expect(try await fixture.snapshot() == settled)
            // Row 50: the first success again, after all that.
            guard case .trade(let first) = fixture.store.success(payment) else { return }
            #expect(try await fixture.notify(.observed([first])) == 204)
            #expect(try await fixture.snapshot() == settled)
            #expect(try await fixture.request(100).refund.state == .processing, "the payment itself can still go back")
        }
    }

    @Test("A reference that was paid is not taken again", arguments: Engine.allCases)
    func paidReference(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            try await fixture.paid(reference: "order-1")
            var request = NewPayment(
                merchant: "shop1", appid: "wx0000000000000001", method: .miniProgram, amount: Money(fen: 100), description: "茶")
            request.openID = "oBuyer"
            request.reference = "order-1"
            let again = request
            await #expect(throws: PaymentError(.wrongState, "")) {
                try await fixture.refunds.payments.create(again, idempotency: nil)
            }
        }
    }

    @Test("A charge that is booked as paid and taken back is a refund of all of it, once", arguments: Engine.allCases)
    func reversal(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            let payment = fixture.store.payment(RefundFixture.first)
            _ = try await fixture.store.create(payment)
            try await fixture.store.book(fixture.store.success(payment, discount: 20), on: payment.id)
            for _ in 0..<3 { try await fixture.store.book(.reversed, on: payment.id) }
            let back = try await fixture.payment()
            #expect(back.state == .paid && back.isRefunded && back.refunds.count == 1)
            let refund = try #require(try await fixture.store.storage.refunds(RefundFilter(merchants: ["shop1"])).first)
            #expect(refund.kind == .reversal && refund.state == .succeeded && refund.refundID == nil)
            #expect(try await fixture.balance(.wechatUnsettled) == 0)
            #expect(try await fixture.balance(.merchantDiscount) == 0)
            #expect(try await fixture.balance(.refundsInTransit) == 0)
            #expect(try await fixture.outbox(.refundSucceeded) == 1)
            await fixture.pass(60)
            #expect(fixture.channel.sent.isEmpty, "it is never sent")
        }
    }
}
