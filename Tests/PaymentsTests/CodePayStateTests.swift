import PaymentPrimitives
import Testing

@testable import Payments

/// A charge of a payer's code: what differs from orders that wait for their payer.
@Suite struct CodePayStateTests {
    typealias Expected = PaymentStateMachineTests.Expected

    static let now = PaymentStateMachineTests.now

    static func charge(_ state: PaymentState, reversedAt: Timestamp? = nil) -> Payment {
        Payment(
            merchant: "shop", id: "pay_00000000000000000000000002", version: 3, channel: .v3, method: .codePay,
            mchid: "1900000001", appid: "wx1", outTradeNo: "order-1", transactionID: state == .paid ? "4200000001" : nil,
            amount: Money(fen: 100), description: "apple", attach: nil, reference: nil, openID: nil,
            notifyURL: "https://shop.example.com/notify", state: state, chargedAt: now, reversedAt: reversedAt, createdAt: now,
            expiresAt: now.advanced(by: .seconds(45)))
    }

    static let facts = PaymentStateMachineTests.facts

    /// Rows: an observation, then what it makes of created, pending, user_paying, closed, failed, paid.
    static let table: [(Observation.Fact, [Expected])] = [
        (.refused(code: "AUTH_CODE_INVALID"), [.to(.failed, .paymentFailed), .same, .same, .same, .same, .same]),
        (.userPaying, [.to(.userPaying, nil), .to(.userPaying, nil), .same, .same, .same, .same]),
        (
            .reversed,
            Array(repeating: .to(.closed, .paymentClosed), count: 3) + [.to(.closed, nil), .same, .refused]
        ),
        // The charge may still be on its way: its not being known ends nothing.
        (.absent, [.same, .same, .same, .same, .same, .refused]),
        (.absentAtClose, [.same, .same, .same, .same, .same, .refused]),
        // The charge itself takes the money, so a success of a charge without an answer is ours.
        (.trade(facts(.success)), Array(repeating: .to(.paid, .paymentPaid), count: 5) + [.same]),
        (.trade(facts(.notPay)), [.to(.pending, nil), .same, .same, .same, .same, .refused]),
        (.trade(facts(.userPaying)), [.to(.userPaying, nil), .to(.userPaying, nil), .same, .same, .same, .refused]),
        (
            .trade(facts(.revoked)),
            Array(repeating: .to(.closed, .paymentClosed), count: 3) + [.same, .same, .refused]
        ),
        (
            .trade(facts(.payError)),
            Array(repeating: .to(.failed, .paymentFailed), count: 3) + [.same, .same, .refused]
        ),
    ]

    @Test("Every observation makes of every state of a charge what the table says", arguments: table.indices)
    func everyPair(_ row: Int) {
        let (fact, expectations) = Self.table[row]
        #expect(expectations.count == PaymentState.allCases.count)
        for (state, expected) in zip(PaymentState.allCases, expectations) {
            let transition = Self.charge(state).apply(Observation(fact, source: .query, at: Self.now))
            #expect(PaymentStateMachineTests.summary(transition) == expected, "\(state) with \(fact)")
        }
    }

    @Test("A charge that WeChat does not know is given up once the payer's code is dead, and by a reversal alone")
    func absentLate() {
        let late = Self.now.advanced(by: .seconds(120))
        for state in [PaymentState.created, .pending, .userPaying] {
            let asked = Self.charge(state).apply(Observation(.absent, source: .query, at: late))
            #expect(asked == .unchanged, "\(state)")
            let reversed = Self.charge(state).apply(Observation(.absentAtClose, source: .reverse, at: late))
            #expect(PaymentStateMachineTests.summary(reversed) == .to(.closed, .paymentClosed), "\(state)")
            let early = Observation(.absentAtClose, source: .reverse, at: late.advanced(by: .milliseconds(-1)))
            #expect(Self.charge(state).apply(early) == .unchanged, "\(state)")
        }
    }

    @Test("What WeChat has taken back is never booked, whatever an old answer says")
    func reversedThenPaid() {
        let success = Observation(.trade(Self.facts(.success)), source: .query, at: Self.now)
        let reversed = Self.charge(.closed, reversedAt: Self.now)
        #expect(PaymentStateMachineTests.summary(reversed.apply(success)) == .refused)
        let closed = Self.charge(.closed)
        #expect(PaymentStateMachineTests.summary(closed.apply(success)) == .to(.paid, .paymentPaid), "given up, and paid late")
        let revoked = Self.charge(.userPaying).apply(Observation(.trade(Self.facts(.revoked)), source: .query, at: Self.now))
        guard case .changed(let payment, _) = revoked else {
            Issue.record("\(revoked)")
            return
        }
        #expect(payment.reversedAt == Self.now)
    }

    @Test("While a reversal may be under way no success is booked; refused, the charge stands as it stood")
    func reversing() {
        let success = Observation(.trade(Self.facts(.success)), source: .query, at: Self.now)
        for state in [PaymentState.created, .pending, .userPaying] {
            let told = Self.charge(state).apply(Observation(.reversing, source: .reverse, at: Self.now))
            guard case .changed(let payment, []) = told else {
                Issue.record("\(state): \(told)")
                continue
            }
            #expect(payment.state == state && payment.reversingAt == Self.now)
            #expect(payment.apply(success) == .unchanged)
            #expect(payment.apply(Observation(.reversing, source: .reverse, at: Self.now)) == .unchanged)
            guard case .changed(let standing, []) = payment.apply(Observation(.notReversed, source: .reverse, at: Self.now))
            else {
                Issue.record("\(state): it does not stand again")
                continue
            }
            #expect(PaymentStateMachineTests.summary(standing.apply(success)) == .to(.paid, .paymentPaid))
        }
        #expect(Self.charge(.paid).apply(Observation(.reversing, source: .reverse, at: Self.now)) == .unchanged)
    }

    @Test("Money that was paid under the number long before the charge is somebody else's")
    func paidBefore() {
        var facts = Self.facts(.success)
        facts.successTime = Self.now.advanced(by: .seconds(-301))
        let asked = Self.charge(.created).apply(Observation(.trade(facts), source: .query, at: Self.now))
        #expect(PaymentStateMachineTests.summary(asked) == .to(.failed, .paymentFailed))
        facts.successTime = Self.now.advanced(by: .seconds(-299))
        let close = Self.charge(.created).apply(Observation(.trade(facts), source: .query, at: Self.now))
        #expect(PaymentStateMachineTests.summary(close) == .to(.paid, .paymentPaid), "clocks may differ by five minutes")
    }

    @Test("A payment that was never charged is not booked")
    func neverCharged() {
        let payment = Payment(
            merchant: "shop", id: "pay_1", version: 1, channel: .v3, method: .codePay, mchid: "1900000001", appid: "wx1",
            outTradeNo: "order-1", amount: Money(fen: 100), description: "apple", attach: nil, reference: nil, openID: nil,
            notifyURL: "https://a/b", createdAt: Self.now, expiresAt: Self.now.advanced(by: .seconds(45)))
        let success = payment.apply(Observation(.trade(Self.facts(.success)), source: .notification, at: Self.now))
        #expect(PaymentStateMachineTests.summary(success) == .refused)
    }

    @Test("A charge is asked for after 5 seconds, then every 10, and at its end")
    func schedule() {
        var payment = Self.charge(.userPaying)
        var moments: [Int64] = []
        var now = Self.now
        for count in Int64(0)..<8 {
            payment.queryCount = count
            now = QuerySchedule.next(for: payment, after: now)
            moments.append(now.seconds - Self.now.seconds)
        }
        #expect(moments == [5, 15, 25, 35, 45, 55, 65, 75])
        payment.queryCount = 1000
        #expect(QuerySchedule.next(for: payment, after: now).since(now) == .seconds(600), "WeChat is away")
    }
}
