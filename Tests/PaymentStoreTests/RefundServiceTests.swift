import DatabaseHarness
import PaymentPrimitives
import Payments
import Testing

@Suite("Refunds that somebody asks for")
struct RefundServiceTests {
    @Test("A refund is put down, taken, and succeeds; state, totals, ledger and outbox say the same", arguments: Engine.allCases)
    func whole(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            try await fixture.paid()
            let asked = try await fixture.request(40)
            #expect(asked.refund.state == .processing)
            #expect(asked.payment.refunds == RefundTotals(reserved: 40, refunded: 0, count: 1))
            #expect(asked.payment.refundable == 60)
            #expect(try await fixture.balance(.refundsInTransit) == 40)
            #expect(try await fixture.balance(.wechatUnsettled) == 60)
            fixture.channel.move(asked.refund.outRefundNo, to: .success)
            await fixture.pass(10)
            let done = try await fixture.refund(asked.refund.id)
            #expect(done.state == .succeeded && done.nextActionAt == nil && done.successTime == fixture.store.clock.now)
            #expect(try await fixture.payment().refunds == RefundTotals(reserved: 40, refunded: 40, count: 1))
            #expect(try await fixture.balance(.refundsInTransit) == 0)
            #expect(try await fixture.balance(.refunds) == 40)
            #expect(try await fixture.outbox(.refundSucceeded) == 1)
            #expect(
                try await fixture.store.storage.refundTimeline(merchant: "shop1", paymentID: RefundFixture.first).map(\.to)
                    == [.created, .processing, .succeeded])
            #expect(fixture.channel.sent.count == 1)
        }
    }

    @Test("Without an amount all goes back that can", arguments: Engine.allCases)
    func rest(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            try await fixture.paid()
            _ = try await fixture.request(33)
            let rest = try await fixture.request(nil).refund
            #expect(rest.amount.fen == 67)
            // As long as they are on their way either may fail, and what is refused now would do then.
            for fen in [nil, 1, 100] as [Int64?] {
                await #expect(throws: PaymentError(.conflict, "")) { try await fixture.request(fen) }
            }
            await #expect(throws: PaymentError(.notRefundable, "")) { try await fixture.request(101) }
            fixture.channel.move(rest.outRefundNo, to: .success)
            await fixture.pass(10)
            await #expect(throws: PaymentError(.notRefundable, "")) { try await fixture.request(34) }
            await #expect(throws: PaymentError(.conflict, "")) { try await fixture.request(33) }
        }
    }

    @Test(
        "Rows 51 and 53: more than was paid, nothing or less goes back in no way", arguments: [101, 1 << 40, 0, -1, .min, .max],
        Engine.allCases)
    func amounts(_ fen: Int64, engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            try await fixture.paid()
            let before = try await fixture.snapshot()
            let code: PaymentError.Code = (1...NewPayment.maximum).contains(fen) ? .notRefundable : .invalidRequest
            await #expect(throws: PaymentError(code, "")) { try await fixture.request(fen) }
            #expect(try await fixture.snapshot() == before)
            #expect(fixture.channel.sent.isEmpty)
        }
    }

    @Test("Row 52: of two refunds of 60 % at once one is made", arguments: 0..<8, Engine.allCases)
    func race(_ round: Int, engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            try await fixture.paid()
            let made = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        do { return try await fixture.request(60).refund.state == .processing } catch { return false }
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(made == 1)
            #expect(try await fixture.payment().refunds.reserved == 60)
            #expect(fixture.channel.taken.count == 1)
        }
    }

    @Test("Row 54: a number is used once; with the same amount it is the same refund", arguments: Engine.allCases)
    func sameNumber(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            try await fixture.paid()
            let first = try await fixture.request(40, number: "R@1")
            let again = try await fixture.request(40, number: "R@1")
            #expect(again.refund.id == first.refund.id)
            let before = try await fixture.snapshot()
            await #expect(throws: PaymentError(.outRefundNoUsed, "")) { try await fixture.request(41, number: "R@1") }
            try await fixture.paid(RefundFixture.second)
            await #expect(throws: PaymentError(.outRefundNoUsed, "")) {
                try await fixture.request(40, of: RefundFixture.second, number: "R@1")
            }
            #expect(try await fixture.payment(RefundFixture.second).refunds == RefundTotals())
            #expect(try await fixture.payment().refunds.reserved == 40)
            #expect(before.count < (try await fixture.snapshot().count))
            for number in ["", "a b", "退款", "R#1", String(repeating: "R", count: 65)] {
                await #expect(throws: PaymentError(.invalidRequest, "")) { try await fixture.request(1, number: number) }
            }
        }
    }

    @Test(
        "Row 55: a payment goes back in fifty parts and not in more; three thirds of 100 fen make 100", arguments: Engine.allCases
    )
    func parts(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            try await fixture.paid()
            for _ in 0..<50 { _ = try await fixture.request(1) }
            await #expect(throws: PaymentError(.conflict, "")) { try await fixture.request(1) }
            #expect(try await fixture.payment().refunds == RefundTotals(reserved: 50, refunded: 0, count: 50))
            try await fixture.paid(RefundFixture.second)
            for fen in [33, 33] as [Int64] { _ = try await fixture.request(fen, of: RefundFixture.second) }
            #expect(try await fixture.request(nil, of: RefundFixture.second).refund.amount.fen == 34)
            #expect(try await fixture.payment(RefundFixture.second).refundable == 0)
        }
    }

    @Test("Only what was paid goes back, and only for a year", arguments: Engine.allCases)
    func onlyPaid(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            _ = try await fixture.store.create(fixture.store.payment(RefundFixture.second))
            await #expect(throws: PaymentError(.conflict, "")) { try await fixture.request(1, of: RefundFixture.second) }
            await #expect(throws: PaymentError(.notFound, "")) { try await fixture.request(1, of: RefundFixture.third) }
            try await fixture.paid()
            fixture.store.clock.advance(by: .seconds(365 * 86_400))
            _ = try await fixture.request(1)
            fixture.store.clock.advance(by: .seconds(1))
            await #expect(throws: PaymentError(.wrongState, "")) { try await fixture.request(1) }
        }
    }

    @Test(
        "No answer is never a failure: the refund is asked for, and sent again with its number when WeChat has none",
        arguments: Engine.allCases)
    func unknown(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            try await fixture.paid()
            fixture.channel.play(.lost)
            let lost = try await fixture.request(10)
            #expect(lost.refund.state == .created)
            await fixture.pass(5)
            #expect(try await fixture.refund(lost.refund.id).state == .processing)
            #expect(fixture.channel.sent == [lost.refund.outRefundNo, lost.refund.outRefundNo])
            fixture.channel.play(.answerLost)
            let unheard = try await fixture.request(20)
            #expect(unheard.refund.state == .created)
            await fixture.pass(5)
            #expect(try await fixture.refund(unheard.refund.id).state == .processing)
            #expect(fixture.channel.sent.count == 3, "it was asked for, not sent again")
            #expect(fixture.channel.taken.count == 2)
            #expect(try await fixture.balance(.refundsInTransit) == 30)
        }
    }

    @Test(
        "An account that holds too little: one event, the same number again at rising intervals, until it is taken",
        arguments: Engine.allCases)
    func notEnough(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            try await fixture.paid()
            let no = PlayedChannel.Play.refuse(ChannelCode.notEnough, final: true)
            fixture.channel.play(no, no, no)
            let waiting = try await fixture.request(40)
            #expect(waiting.refund.state == .waitingForFunds)
            await fixture.pass(59)
            #expect(fixture.channel.sent.count == 1)
            await fixture.pass(1)
            #expect(fixture.channel.sent.count == 2)
            await fixture.pass(60)
            #expect(fixture.channel.sent.count == 2, "the intervals rise")
            await fixture.pass(240)
            #expect(fixture.channel.sent.count == 3)
            #expect(try await fixture.payment().refunds.reserved == 40)
            #expect(try await fixture.balance(.refundsInTransit) == 0)
            // Topped up; somebody asks at once.
            let synced = try await fixture.refunds.sync(merchant: "shop1", id: waiting.refund.id)
            #expect(synced.refund.state == .processing)
            #expect(try await fixture.outbox(.refundInsufficientBalance) == 1)
            #expect(Set(fixture.channel.sent) == [waiting.refund.outRefundNo])
            // What is not settled yet never has more after the settlement; a top-up fills what is available.
            #expect(fixture.channel.accounts == [nil, .available, .available, .available])
            // Who asks again as before means the same refund.
            let again = try await fixture.request(40, number: waiting.refund.outRefundNo)
            #expect(again.refund.id == waiting.refund.id)
        }
    }

    @Test(
        "A merchant that lost a permission hears the same refusal of everything, and that proves nothing",
        arguments: Engine.allCases)
    func permissionLost(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            try await fixture.paid()
            fixture.channel.play(.answerLost, .refuse("NO_AUTH", final: true))
            let made = try await fixture.request(30)
            fixture.channel.refuseQueries("NO_AUTH")
            await fixture.pass(60)
            #expect(fixture.channel.sent.count == 2)
            #expect(try await fixture.refund(made.refund.id).state == .created)
            #expect(try await fixture.payment().refunds.reserved == 30, "the money is promised until WeChat says otherwise")
            fixture.channel.refuseQueries(nil)
            await fixture.pass(3600)
            #expect(try await fixture.refund(made.refund.id).state == .processing)
        }
    }

    @Test(
        "A number that WeChat knows for somebody else's order is given up, and its money is free again",
        arguments: Engine.allCases)
    func strangersNumber(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            try await fixture.paid()
            fixture.channel.giveAway("R1001")
            do {
                _ = try await fixture.request(40, number: "R1001")
                Issue.record("it was taken")
            } catch let error as PaymentError {
                #expect(error.code == .refusedByWeChat && error.wechatCode == "OUT_REFUND_NO_USED")
            }
            #expect(try await fixture.payment().refunds == RefundTotals())
            #expect(try await fixture.request(40, number: "R1002").refund.state == .processing)
        }
    }

    @Test(
        "What WeChat refuses for good is closed, says why, and its money can go back in another way", arguments: Engine.allCases)
    func refused(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            try await fixture.paid()
            fixture.channel.play(.refuse("USER_ACCOUNT_ABNORMAL", final: true))
            do {
                _ = try await fixture.request(100)
                Issue.record("it was taken")
            } catch let error as PaymentError {
                #expect(error.code == .refusedByWeChat && error.wechatCode == "USER_ACCOUNT_ABNORMAL")
            }
            #expect(try await fixture.payment().refunds == RefundTotals())
            #expect(try await fixture.outbox(.refundClosed) == 1)
            #expect(try await fixture.store.integer("SELECT COUNT(*) FROM ledger_entries WHERE id LIKE 'rf%'") == 0)
            #expect(try await fixture.request(100).refund.state == .processing)
        }
    }

    @Test("A refusal after an attempt that was taken closes nothing", arguments: Engine.allCases)
    func refusedAfterTaken(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            try await fixture.paid()
            fixture.channel.play(.answerLost, .refuse("INVALID_REQUEST", final: true))
            let made = try await fixture.request(50)
            // The query fails, and the second attempt is refused as if the first had used the money up.
            fixture.channel.dumb(true)
            await fixture.pass(5)
            #expect(try await fixture.refund(made.refund.id).state == .created)
            #expect(fixture.channel.sent.count == 2)
            fixture.channel.dumb(false)
            await fixture.pass(600)
            #expect(try await fixture.refund(made.refund.id).state == .processing)
            #expect(try await fixture.payment().refunds.reserved == 50)
        }
    }

    @Test("A refusal for now is a minute's pause", arguments: Engine.allCases)
    func tooOften(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            try await fixture.paid()
            fixture.channel.play(.refuse(ChannelCode.frequencyLimited, final: false))
            let made = try await fixture.request(50)
            #expect(made.refund.state == .created)
            await fixture.pass(59)
            #expect(fixture.channel.sent.count == 1)
            await fixture.pass(1)
            #expect(try await fixture.refund(made.refund.id).state == .processing)
        }
    }

    @Test("A refund that WeChat closes gives its money and its reservation back, once", arguments: Engine.allCases)
    func closedByWeChat(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            try await fixture.paid()
            let made = try await fixture.request(70)
            for status in [RefundStatus.abnormal, .closed, .closed] {
                fixture.channel.move(made.refund.outRefundNo, to: status)
                await fixture.pass(4 * 3600)
            }
            #expect(try await fixture.refund(made.refund.id).state == .closed)
            #expect(try await fixture.payment().refunds == RefundTotals())
            #expect(try await fixture.balance(.refundsInTransit) == 0)
            #expect(try await fixture.balance(.wechatUnsettled) == 100)
            #expect(try await fixture.outbox(.refundAbnormal) == 1)
            #expect(try await fixture.outbox(.refundClosed) == 1)
        }
    }

    @Test("A request that its worker did not finish is resumed with the same refund; twins make one", arguments: Engine.allCases)
    func idempotency(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            try await fixture.paid()
            fixture.channel.play(.lost)
            let first = try await fixture.request(40, key: "k1")
            await #expect(throws: PaymentError(.inProgress, "")) { try await fixture.request(40, key: "k1") }
            await #expect(throws: PaymentError(.idempotencyKeyReused, "")) { try await fixture.request(41, key: "k1") }
            fixture.store.clock.advance(by: .seconds(31))
            let again = try await fixture.request(40, key: "k1")
            #expect(again.refund.id == first.refund.id && again.refund.state == .processing)
            #expect(try await fixture.payment().refunds.reserved == 40)
            let made = await withTaskGroup(of: String?.self) { group in
                for _ in 0..<12 { group.addTask { try? await fixture.request(5, key: "k2").refund.id } }
                return await group.reduce(into: Set<String>()) { if let id = $1 { $0.insert(id) } }
            }
            #expect(made.count == 1)
            #expect(try await fixture.payment().refunds.reserved == 45)
        }
    }
}
