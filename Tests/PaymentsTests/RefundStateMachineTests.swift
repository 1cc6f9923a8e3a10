import PaymentPrimitives
import Payments
import Testing

/// Every (state, observation) pair, in one table.
@Suite struct RefundStateMachineTests {
    /// What may come of a pair.
    enum Expected: Equatable {
        /// The state afterwards, the ledger's entries, and the event for the merchant's systems, if any.
        case to(RefundState, [RefundPosting], OutboxEvent.Kind?)
        case same
        case refused
    }

    static let now = Timestamp(seconds: 1_700_000_000)

    static func refund(_ state: RefundState, failureCode: String? = nil) -> Refund {
        var refund = Refund(
            merchant: "shop", id: "rf_00000000000000000000000001", paymentID: "pay_00000000000000000000000001", kind: .requested,
            mchid: "1900000001", outTradeNo: "order-1", outRefundNo: "refund-1", transactionID: "4200000001",
            amount: Money(fen: 60), total: 100, notifyURL: "https://shop.example.com/notify", createdAt: now)
        refund.state = state
        refund.failureCode = failureCode
        if state != .created, state != .waitingForFunds, failureCode == nil {
            refund.refundID = "5000000001"
            refund.settlementRefund = 60
            refund.acceptedAt = now
        }
        if state.isOpen { refund.nextActionAt = now }
        return refund
    }

    static func facts(_ status: RefundStatus) -> RefundFacts {
        var facts = RefundFacts(status: status, outRefundNo: "refund-1")
        facts.mchid = "1900000001"
        facts.outTradeNo = "order-1"
        facts.refundID = "5000000001"
        facts.transactionID = "4200000001"
        facts.refund = 60
        facts.total = 100
        facts.currency = "CNY"
        facts.payerRefund = 60
        facts.settlementRefund = 60
        facts.userReceivedAccount = "支付用户零钱"
        return facts
    }

    static let statuses: [RefundStatus] = [.processing, .success, .abnormal, .closed, .other("SOMETHING_NEW")]
    static let closed = Expected.to(.closed, [], .refundClosed)

    /// Rows: an observation, then what it makes of created, waiting_for_funds, processing, abnormal, closed, succeeded.
    static let table: [(RefundObservation.Fact, [Expected])] = [
        (.refused(code: "PARAM_ERROR"), [closed, closed, .same, .same, .same, .same]),
        // Only a reversal is made by a reverse.
        (.reversed(settlement: 60), [.same, .same, .same, .same, .same, .same]),
        (.notEnough, [.to(.waitingForFunds, [], .refundInsufficientBalance), .same, .same, .same, .same, .same]),
        (
            .known(facts(.processing)),
            [.to(.processing, [.accepted], nil), .to(.processing, [.accepted], nil), .same, .same, .same, .same]
        ),
        (
            .known(facts(.success)),
            [
                .to(.succeeded, [.accepted, .succeeded], .refundSucceeded),
                .to(.succeeded, [.accepted, .succeeded], .refundSucceeded),
                .to(.succeeded, [.succeeded], .refundSucceeded), .to(.succeeded, [.succeeded], .refundSucceeded), .refused, .same,
            ]
        ),
        (
            .known(facts(.abnormal)),
            [
                .to(.abnormal, [.accepted], .refundAbnormal), .to(.abnormal, [.accepted], .refundAbnormal),
                .to(.abnormal, [], .refundAbnormal), .same, .same, .same,
            ]
        ),
        (
            .known(facts(.closed)),
            [
                closed, closed, .to(.closed, [.returned], .refundClosed), .to(.closed, [.returned], .refundClosed), .same,
                .refused,
            ]
        ),
        (.known(facts(.other("SOMETHING_NEW"))), [.same, .same, .same, .same, .same, .same]),
    ]

    @Test("Every observation makes of every state what the table says", arguments: table.indices)
    func everyPair(_ row: Int) {
        let (fact, expectations) = Self.table[row]
        #expect(expectations.count == RefundState.allCases.count)
        for (state, expected) in zip(RefundState.allCases, expectations) {
            let transition = Self.refund(state).apply(RefundObservation(fact, source: .query, at: Self.now))
            #expect(Self.summary(transition) == expected, "\(state) with \(fact)")
        }
    }

    @Test("The table has a row for each kind of observation")
    func tableIsComplete() {
        let statuses = Self.table.compactMap { row -> RefundStatus? in
            if case .known(let facts) = row.0 { facts.status } else { nil }
        }
        #expect(statuses.count == Self.statuses.count && Self.statuses.allSatisfy(statuses.contains))
        #expect(Self.table.count == Self.statuses.count + 3)
    }

    @Test("States never move backwards, and only what is over has nothing more to do")
    func neverBackwards() throws {
        let rank: [RefundState: Int] = [
            .created: 0, .waitingForFunds: 1, .processing: 2, .abnormal: 3, .closed: 4, .succeeded: 4,
        ]
        for state in RefundState.allCases {
            for (fact, _) in Self.table {
                let transition = Self.refund(state).apply(RefundObservation(fact, source: .query, at: Self.now))
                guard case .changed(let next, _) = transition else { continue }
                #expect(try #require(rank[next.state]) > #require(rank[state]), "\(state) → \(next.state)")
                #expect((next.nextActionAt == nil) == !next.state.isOpen)
                #expect((next.successTime != nil) == (next.state == .succeeded))
            }
        }
    }

    /// The ways of a refund through WeChat, as it tells them.
    static let ways: [[RefundStatus]] = [
        [.processing], [.success], [.processing, .success], [.processing, .abnormal, .success], [.abnormal, .success],
        [.processing, .closed], [.processing, .abnormal, .closed], [.closed],
    ]

    @Test("On every way each entry balances, money in transit ends with the payer or where it was", arguments: ways)
    func ledger(_ way: [RefundStatus]) throws {
        for (settlement, counts) in [(Int64(60), true), (45, true), (0, true), (60, false)] {
            var refund = Self.refund(.created)
            refund.countsTowardsPayment = counts
            var balance: [LedgerAccount: Int64] = [:]
            for status in way {
                var facts = Self.facts(status)
                facts.settlementRefund = settlement
                facts.payerRefund = settlement
                let transition = refund.apply(RefundObservation(.known(facts), source: .query, at: Self.now))
                guard case .changed(let next, let consequences) = transition else {
                    Issue.record("\(transition)")
                    return
                }
                refund = next
                for case .ledger(let posting, let lines) in consequences {
                    let entry = try LedgerEntry(
                        merchant: "shop", id: posting.entryID(refund), paymentID: "p", currency: .cny, lines: lines, at: Self.now)
                    for line in entry.lines { balance[line.account, default: 0] += line.amount }
                }
            }
            #expect(balance.values.reduce(0, +) == 0)
            let expected: [LedgerAccount: Int64] =
                switch refund.state {
                case .closed: [:]
                case .succeeded:
                    [
                        .wechatUnsettled: -settlement, .merchantDiscount: settlement - 60,
                        counts ? .refunds : .duplicatePayments: 60,
                    ]
                default: [.wechatUnsettled: -settlement, .merchantDiscount: settlement - 60, .refundsInTransit: 60]
                }
            #expect(balance.filter { $0.value != 0 } == expected.filter { $0.value != 0 }, "\(way), \(settlement)")
        }
    }

    @Test(
        "An attested field that is not the refund's own is refused and named, in every state",
        arguments: [
            "out_refund_no", "mchid", "sub_mchid", "out_trade_no", "transaction_id", "amount.refund", "amount.total",
            "amount.currency",
            "amount.payer_refund",
        ])
    func mismatch(_ field: String) {
        for status in Self.statuses {
            var facts = Self.facts(status)
            switch field {
            case "out_refund_no": facts.outRefundNo = "refund-2"
            case "mchid": facts.mchid = "1900000002"
            case "sub_mchid": facts.subMchid = "1900000009"
            case "out_trade_no": facts.outTradeNo = "order-2"
            case "transaction_id": facts.transactionID = "4200000002"
            case "amount.refund": facts.refund = 61
            case "amount.total": facts.total = 60
            case "amount.currency": facts.currency = "USD"
            default: facts.payerRefund = 61
            }
            for state in RefundState.allCases {
                let transition = Self.refund(state).apply(RefundObservation(.known(facts), source: .notification, at: Self.now))
                #expect(transition == .refused(.mismatch(field: field)), "\(state)")
            }
        }
    }

    @Test("Another refund_id than WeChat gave before is refused")
    func otherRefundID() {
        var facts = Self.facts(.success)
        facts.refundID = "5000000002"
        let transition = Self.refund(.processing).apply(RefundObservation(.known(facts), source: .notification, at: Self.now))
        #expect(transition == .refused(.mismatch(field: "refund_id")))
    }

    @Test("What the merchant gives is taken from WeChat; where it is not said it must follow from what the payer gets")
    func settlement() {
        func settled(_ payer: Int64?, _ settlement: Int64?) -> RefundTransition {
            var facts = Self.facts(.processing)
            facts.payerRefund = payer
            facts.settlementRefund = settlement
            return Self.refund(.created).apply(RefundObservation(.known(facts), source: .notification, at: Self.now))
        }
        for (payer, settlement, expected) in [(Int64(60), Int64?.none, Int64(60)), (50, 55, 55), (60, 60, 60)] {
            guard case .changed(let refund, _) = settled(payer, settlement) else {
                Issue.record("not taken")
                return
            }
            #expect(refund.settlementRefund == expected)
        }
        let missing = RefundTransition.refused(.missing(field: "amount.settlement_refund"))
        #expect(settled(50, nil) == missing)
        #expect(settled(nil, nil) == missing)
        #expect(settled(60, 61) == .refused(.mismatch(field: "amount.settlement_refund")))
        #expect(settled(60, -1) == .refused(.mismatch(field: "amount.settlement_refund")))
    }

    @Test("Nothing is taken without an amount or WeChat's number", arguments: ["amount.refund", "refund_id"])
    func incomplete(_ field: String) {
        var facts = Self.facts(.success)
        if field == "amount.refund" { facts.refund = nil } else { facts.refundID = nil }
        let transition = Self.refund(.created).apply(RefundObservation(.known(facts), source: .notification, at: Self.now))
        #expect(transition == .refused(.missing(field: field)))
    }

    @Test("A refund that WeChat had refused for good and took all the same is shouted about, not booked")
    func takenAfterRefusal() {
        for status in [RefundStatus.processing, .success, .abnormal] {
            let transition = Self.refund(.closed, failureCode: "INVALID_REQUEST").apply(
                RefundObservation(.known(Self.facts(status)), source: .notification, at: Self.now))
            #expect(Self.summary(transition) == .refused)
        }
    }

    @Test("Totals follow the refunds: promised until closed, given once succeeded, a foreign transaction not at all")
    func totals() {
        var totals = RefundTotals()
        totals = totals.after(Self.refund(.created), from: nil)
        #expect(totals == RefundTotals(reserved: 60, refunded: 0, count: 1))
        #expect(totals.after(Self.refund(.created), from: .created) == totals, "nothing moved")
        #expect(totals.after(Self.refund(.processing), from: .created) == totals)
        #expect(totals.after(Self.refund(.closed), from: .abnormal) == RefundTotals())
        #expect(totals.after(Self.refund(.succeeded), from: .processing) == RefundTotals(reserved: 60, refunded: 60, count: 1))
        var foreign = Self.refund(.created)
        foreign.countsTowardsPayment = false
        #expect(RefundTotals().after(foreign, from: nil) == RefundTotals())
    }

    @Test("Intervals rise in every open state, and there are none once it is over")
    func schedule() {
        for state in RefundState.allCases {
            var gaps: [Duration] = []
            for count in Int64(0)..<9 {
                var refund = Self.refund(state)
                refund.tryCount = count
                if let next = RefundSchedule.next(for: refund, after: Self.now) { gaps.append(next.since(Self.now)) }
            }
            #expect(gaps == gaps.sorted())
            #expect(gaps.count == (state.isOpen ? 9 : 0))
        }
    }

    static func summary(_ transition: RefundTransition) -> Expected {
        switch transition {
        case .unchanged: return .same
        case .refused: return .refused
        case .changed(let refund, let consequences):
            var kind: OutboxEvent.Kind?
            var postings: [RefundPosting] = []
            for consequence in consequences {
                switch consequence {
                case .outbox(let event): kind = event
                case .ledger(let posting, _): postings.append(posting)
                }
            }
            return .to(refund.state, postings, kind)
        }
    }
}
