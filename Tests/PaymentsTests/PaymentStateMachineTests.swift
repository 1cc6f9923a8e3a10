import PaymentPrimitives
import Payments
import Testing

/// Every (state, observation) pair, in one table.
@Suite struct PaymentStateMachineTests {
    /// What may come of a pair.
    enum Expected: Equatable {
        /// The state afterwards, and the event for the merchant's systems, if any.
        case to(PaymentState, OutboxEvent.Kind?)
        case same
        case refused
    }

    static let now = Timestamp(seconds: 1_700_000_000)

    static func payment(_ state: PaymentState) -> Payment {
        Payment(
            merchant: "shop", id: "pay_00000000000000000000000001", version: 3, channel: .v3, method: .miniProgram,
            mchid: "1900000001", appid: "wx1", outTradeNo: "order-1", transactionID: state == .paid ? "4200000001" : nil,
            amount: Money(fen: 100), description: "apple", attach: nil, reference: nil, openID: "o1",
            notifyURL: "https://shop.example.com/notify", state: state, prepay: state == .created ? nil : prepay, createdAt: now,
            expiresAt: now.advanced(by: .seconds(1800)))
    }

    static let prepay = Prepay(kind: .prepayID, text: "wx-prepay", since: now)

    static func facts(_ state: TradeState) -> TradeFacts {
        var facts = TradeFacts(state: state, mchid: "1900000001", outTradeNo: "order-1")
        facts.appid = "wx1"
        if state == .success || state == .refund {
            facts.transactionID = "4200000001"
            facts.total = 100
            facts.currency = "CNY"
            facts.payerTotal = 100
        }
        return facts
    }

    static let begun = Observation.Fact.begun(BegunOrder(prepay: "wx-new"))
    static let trades: [TradeState] = [
        .success, .refund, .notPay, .userPaying, .closed, .revoked, .payError, .other("SOMETHING_NEW"),
    ]

    /// Rows: an observation, then what it makes of created, pending, user_paying, closed, failed, paid.
    static let table: [(Observation.Fact, [Expected])] = [
        (begun, [.to(.pending, nil), .to(.pending, nil), .to(.userPaying, nil), .same, .same, .same]),
        (.refused(code: "PARAM_ERROR"), [.to(.failed, .paymentFailed), .same, .same, .same, .same, .same]),
        (
            .closed,
            [
                .to(.closed, .paymentClosed), .to(.closed, .paymentClosed), .to(.closed, .paymentClosed), .same, .same, .same,
            ]
        ),
        (.userPaying, [.to(.userPaying, nil), .to(.userPaying, nil), .same, .same, .same, .same]),
        (
            .reversed,
            [
                .to(.closed, .paymentClosed), .to(.closed, .paymentClosed), .to(.closed, .paymentClosed), .to(.closed, nil),
                .same,
                .refused,
            ]
        ),
        (.absent, [.same, .same, .same, .same, .same, .refused]),
        (.absentAtClose, [.to(.closed, .paymentClosed), .same, .same, .same, .same, .refused]),
        (
            .trade(facts(.success)),
            [.to(.failed, .paymentFailed)] + Array(repeating: .to(.paid, .paymentPaid), count: 4) + [.same]
        ),
        (
            .trade(facts(.refund)),
            [.to(.failed, .paymentFailed)] + Array(repeating: .to(.paid, .paymentPaid), count: 4) + [.same]
        ),
        (.trade(facts(.notPay)), [.to(.pending, nil), .same, .same, .same, .same, .refused]),
        (.trade(facts(.userPaying)), [.to(.userPaying, nil), .to(.userPaying, nil), .same, .same, .same, .refused]),
        (
            .trade(facts(.closed)),
            [
                .to(.closed, .paymentClosed), .to(.closed, .paymentClosed), .to(.closed, .paymentClosed), .same, .same,
                .refused,
            ]
        ),
        (
            .trade(facts(.revoked)),
            [
                .to(.closed, .paymentClosed), .to(.closed, .paymentClosed), .to(.closed, .paymentClosed), .same, .same,
                .refused,
            ]
        ),
        (
            .trade(facts(.payError)),
            [
                .to(.failed, .paymentFailed), .to(.failed, .paymentFailed), .to(.failed, .paymentFailed), .same, .same,
                .refused,
            ]
        ),
        (.trade(facts(.other("SOMETHING_NEW"))), [.same, .same, .same, .same, .same, .same]),
    ]

    @Test("Every observation makes of every state what the table says", arguments: table.indices)
    func everyPair(_ row: Int) throws {
        let (fact, expectations) = Self.table[row]
        #expect(expectations.count == PaymentState.allCases.count)
        for (state, expected) in zip(PaymentState.allCases, expectations) {
            let transition = Self.payment(state).apply(Observation(fact, source: .query, at: Self.now))
            #expect(Self.summary(transition) == expected, "\(state) with \(fact)")
        }
    }

    @Test("The table has a row for each kind of observation")
    func tableIsComplete() {
        let states = Self.table.compactMap { row -> TradeState? in
            if case .trade(let facts) = row.0 { facts.state } else { nil }
        }
        #expect(states == Self.trades)
        #expect(Self.table.count == Self.trades.count + 7)
    }

    @Test("States never move backwards")
    func neverBackwards() {
        let rank: [PaymentState: Int] = [.created: 0, .pending: 1, .userPaying: 2, .closed: 3, .failed: 3, .paid: 4]
        for state in PaymentState.allCases {
            for (fact, _) in Self.table {
                for moment in [Self.now, Self.now.advanced(by: .seconds(90_000))] {
                    let transition = Self.payment(state).apply(Observation(fact, source: .query, at: moment))
                    guard case .changed(let next, _) = transition else { continue }
                    #expect(rank[next.state, default: -1] >= rank[state, default: 99], "\(state) → \(next.state)")
                    #expect(next.state == state || next.state.isOpen || next.nextQueryAt == nil)
                }
            }
        }
    }

    @Test("A number that WeChat never knew is closed after its expiry, when nobody has a prepay_id")
    func absent() {
        let late = Observation(.absent, source: .query, at: Self.now.advanced(by: .seconds(1801)))
        #expect(Self.summary(Self.payment(.created).apply(late)) == .to(.closed, .paymentClosed))
        for state in [PaymentState.pending, .userPaying] {
            #expect(Self.payment(state).apply(late) == .unchanged, "\(state): a lagging replica is no news")
            let forgotten = Observation(.absent, source: .query, at: Self.now.advanced(by: .seconds(9 * 86_400)))
            #expect(Self.summary(Self.payment(state).apply(forgotten)) == .to(.closed, .paymentClosed))
        }
    }

    @Test("A close that WeChat does not know closes nothing that somebody can pay")
    func absentAtClose() {
        var begun = Self.payment(.created)
        begun.prepay = Self.prepay
        #expect(begun.apply(Observation(.absentAtClose, source: .close, at: Self.now)) == .unchanged)
    }

    @Test("A number that somebody else's order has is never booked, in whatever state", arguments: PaymentState.allCases)
    func foreign(_ state: PaymentState) {
        guard state != .paid else { return }
        var payment = Self.payment(state)
        payment.prepay = nil
        var other = Self.facts(.notPay)
        other.total = 5
        for facts in [Self.facts(.success), other] {
            let asked = payment.apply(Observation(.trade(facts), source: .query, at: Self.now))
            let notified = payment.apply(Observation(.trade(facts), source: .notification, at: Self.now))
            #expect(Self.summary(asked) == (state.isOpen ? .to(.failed, .paymentFailed) : .refused))
            #expect(Self.summary(notified) == .refused)
        }
    }

    @Test("A success of an order that was begun and not noted as pending is booked")
    func paidWhileCreated() {
        var begun = Self.payment(.created)
        begun.prepay = Self.prepay
        let transition = begun.apply(Observation(.trade(Self.facts(.success)), source: .query, at: Self.now))
        #expect(Self.summary(transition) == .to(.paid, .paymentPaid))
    }

    @Test(
        "An attested field that is not the payment's own is refused and named",
        arguments: ["mchid", "out_trade_no", "appid", "sub_mchid", "amount.total", "amount.currency", "amount.payer_total"])
    func mismatch(_ field: String) {
        var facts = Self.facts(.success)
        switch field {
        case "mchid": facts.mchid = "1900000002"
        case "out_trade_no": facts.outTradeNo = "order-2"
        case "appid": facts.appid = "wx2"
        case "sub_mchid": facts.subMchid = "1900000111"
        case "amount.total": facts.total = 99
        case "amount.currency": facts.currency = "USD"
        default: facts.payerTotal = 101
        }
        for state in PaymentState.allCases {
            let transition = Self.payment(state).apply(Observation(.trade(facts), source: .notification, at: Self.now))
            #expect(transition == .refused(.mismatch(field: field)), "\(state)")
        }
    }

    @Test("A success without amount or transaction proves nothing", arguments: ["amount.total", "transaction_id"])
    func incomplete(_ field: String) {
        var facts = Self.facts(.success)
        if field == "amount.total" { facts.total = nil } else { facts.transactionID = nil }
        let transition = Self.payment(.pending).apply(Observation(.trade(facts), source: .notification, at: Self.now))
        #expect(transition == .refused(.missing(field: field)))
    }

    @Test("A second success under the same number with another transaction leaves the payment and is told apart")
    func secondTransaction() {
        for state in [TradeState.success, .refund] {
            var facts = Self.facts(state)
            facts.transactionID = "4200000002"
            let transition = Self.payment(.paid).apply(Observation(.trade(facts), source: .notification, at: Self.now))
            #expect(transition == .paidAgain(facts))
            facts.transactionID = nil
            #expect(
                Self.payment(.paid).apply(Observation(.trade(facts), source: .notification, at: Self.now))
                    == .refused(.missing(field: "transaction_id")))
        }
    }

    @Test("A coupon that the merchant pays goes to its own account and the ledger balances")
    func coupon() throws {
        var facts = Self.facts(.success)
        facts.payerTotal = 70
        facts.merchantDiscount = 30
        guard
            case .changed(let paid, let consequences) = Self.payment(.pending).apply(
                Observation(.trade(facts), source: .notification, at: Self.now))
        else {
            Issue.record("not booked")
            return
        }
        #expect(paid.payerTotal == 70)
        let lines = [
            LedgerLine(.wechatUnsettled, 70), LedgerLine(.revenue, -100), LedgerLine(.merchantDiscount, 30),
        ]
        #expect(consequences.contains(.ledger(lines)))
        #expect(throws: Never.self) {
            try LedgerEntry(merchant: "shop", id: "e", paymentID: paid.id, currency: .cny, lines: lines, at: Self.now)
        }
    }

    @Test("A ledger entry that does not balance cannot be made")
    func unbalanced() {
        #expect(throws: UnbalancedEntry.self) {
            try LedgerEntry(
                merchant: "shop", id: "e", paymentID: "p", currency: .cny,
                lines: [LedgerLine(.revenue, -100), LedgerLine(.wechatUnsettled, 99)], at: Self.now)
        }
    }

    @Test("Questions rise in distance, the first within a minute, and one comes right after the expiry")
    func schedule() {
        let expiry = Self.now.advanced(by: .seconds(1800))
        #expect(QuerySchedule.next(after: Self.now, count: 0, expiresAt: expiry) <= Self.now.advanced(by: .seconds(60)))
        var moment = Self.now
        var gaps: [Duration] = []
        for count in Int64(0)..<8 {
            let next = QuerySchedule.next(after: moment, count: count, expiresAt: Self.now.advanced(by: .seconds(100_000)))
            gaps.append(next.since(moment))
            moment = next
        }
        #expect(gaps == gaps.sorted())
        let last = QuerySchedule.next(after: expiry.advanced(by: .seconds(-5)), count: 7, expiresAt: expiry)
        #expect(last > expiry && last <= expiry.advanced(by: .seconds(60)))
    }

    static func summary(_ transition: Transition) -> Expected {
        switch transition {
        case .unchanged: return .same
        case .paidAgain, .takenBack, .refused: return .refused
        case .changed(let payment, let consequences):
            var kind: OutboxEvent.Kind?
            for case .outbox(let event) in consequences { kind = event }
            return .to(payment.state, kind)
        }
    }
}
