import DatabaseHarness
import PaymentPrimitives
import Payments
import SQLDatabase
import Testing

@Suite("Refunds on disk")
struct RefundRowTests {
    @Test("A refund comes back as it was put down, every field", arguments: Engine.allCases)
    func roundTrip(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            let payment = try await fixture.paid()
            let now = fixture.store.clock.now
            var full = Refund(
                of: payment, id: "rf_1", kind: .requested, outRefundNo: "R@1", transactionID: "42\(RefundFixture.first)",
                amount: Money(fen: 60),
                createdAt: now)
            full.reason = "不要了 'x' $1"
            full.fundsAccount = .available
            full.nextActionAt = now.advanced(by: .seconds(1))
            full.tryCount = 3
            full.lastQueryAt = now
            full.payerRefund = 50
            full.settlementRefund = 55
            full.userReceivedAccount = "支付用户零钱"
            full.failureCode = "X"
            full.acceptedAt = now
            full.refundID = "5000"
            let bare = Refund(
                of: payment, id: "rf_2", kind: .duplicate, outRefundNo: "R@2", transactionID: "42other", amount: Money(fen: 100),
                createdAt: now)
            for refund in [full, bare] {
                let inserted = try await fixture.store.storage.write("shop1") { try $0.insert(refund) }
                #expect(inserted)
                #expect(try await fixture.store.storage.refund(merchant: "shop1", id: refund.id) == refund)
                let again = try await fixture.store.storage.write("shop1") { try $0.insert(refund) }
                #expect(!again)
            }
            #expect(try await fixture.store.storage.refund(merchant: "shop2", id: "rf_1") == nil, "another merchant's")
        }
    }

    @Test("Only a locked refund can be saved, and only a locked payment's totals", arguments: Engine.allCases)
    func locking(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            try await fixture.paid()
            let made = try await fixture.request(10)
            await #expect(throws: DatabaseError.misuse) {
                try await fixture.store.storage.write("shop1") { transaction in
                    _ = try transaction.lockRefund(merchant: "shop1", id: made.refund.id)
                    try transaction.save(made.refund)
                }
            }
            await #expect(throws: DatabaseError.misuse) {
                try await fixture.store.storage.write("shop1") { transaction in
                    _ = try transaction.lock(merchant: "shop1", id: RefundFixture.first)
                    try transaction.saveRefundTotals(of: made.payment)
                }
            }
        }
    }

    @Test(
        "The schema itself refuses what must not be",
        arguments: [
            "UPDATE payments SET refunded = 101, refund_reserved = 101", "UPDATE payments SET refunded = -1",
            "UPDATE payments SET refund_reserved = -1", "UPDATE payments SET refund_count = 0",
            "UPDATE payments SET refund_reserved = 0", "UPDATE payments SET refunded = 11",
            "UPDATE refunds SET amount = 0", "UPDATE refunds SET amount = 101", "UPDATE refunds SET state = 'done'",
            "UPDATE refunds SET state = 'succeeded'", "UPDATE refunds SET success_time = 1", "UPDATE refunds SET kind = 'other'",
            "UPDATE refunds SET accepted_at = NULL", "UPDATE refunds SET state = 'closed'", "UPDATE refunds SET counted = 2",
            "INSERT INTO refunds SELECT * FROM refunds",
        ], Engine.allCases)
    func schema(statement: String, engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            try await fixture.paid()
            _ = try await fixture.request(10)
            await #expect(throws: DatabaseError.constraint) { try await fixture.store.execute(statement) }
        }
    }

    @Test("A refund's events are never changed or removed", arguments: Engine.allCases)
    func appendOnly(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            try await fixture.paid()
            _ = try await fixture.request(10)
            for statement in [
                "UPDATE refund_events SET created_at = created_at",
                engine == .sqlite
                    ? "UPDATE OR IGNORE refund_events SET created_at = 0" : "UPDATE refund_events SET created_at = 0",
                "DELETE FROM refund_events",
                engine == .sqlite ? "INSERT OR REPLACE INTO refund_events SELECT * FROM refund_events" : "TRUNCATE refund_events",
            ] {
                await #expect(throws: DatabaseError.constraint, "\(statement)") { try await fixture.store.execute(statement) }
            }
        }
    }

    @Test("WeChat's number of a refund belongs to one refund", arguments: Engine.allCases)
    func refundIDOnce(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            try await fixture.paid()
            let (first, second) = (try await fixture.request(10), try await fixture.request(20))
            var facts = PlayedChannel.facts(second.refund, .success)
            facts.mchid = "1900000001"
            facts.refundID = first.refund.refundID
            #expect(try await fixture.notify(.observedRefund(facts)) == 400)
            fixture.channel.play(.lost)
            let third = try await fixture.request(30)
            var taken = PlayedChannel.facts(third.refund, .success)
            taken.mchid = "1900000001"
            taken.refundID = first.refund.refundID
            #expect(try await fixture.notify(.observedRefund(taken)) == 400)
            #expect(try await fixture.refund(third.refund.id).state == .created)
        }
    }

    @Test("Lists are one's own, newest first, page by page", arguments: Engine.allCases)
    func pages(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            try await fixture.paid()
            try await fixture.paid(RefundFixture.second)
            var made: [String] = []
            for _ in 0..<7 {
                made.append(try await fixture.request(1).refund.id)
                fixture.store.clock.advance(by: .seconds(1))
            }
            fixture.channel.play(.lost)
            let other = try await fixture.request(5, of: RefundFixture.second, number: "OTHER")
            var filter = RefundFilter(merchants: ["shop1"])
            filter.paymentID = RefundFixture.first
            filter.limit = 3
            var seen: [String] = []
            while true {
                let page = try await fixture.store.storage.refunds(filter)
                guard let last = page.last else { break }
                seen += page.map(\.id)
                filter.before = last.id
            }
            #expect(seen == made.reversed())
            var one = RefundFilter(merchants: ["shop1"])
            one.outRefundNo = "OTHER"
            one.state = .created
            #expect(try await fixture.store.storage.refunds(one).map(\.id) == [other.refund.id])
            one.scopes = [MerchantScope("shop2")]
            #expect(try await fixture.store.storage.refunds(one).isEmpty)
            #expect(try await fixture.store.storage.refunds(RefundFilter(merchants: [])).isEmpty)
        }
    }

    @Test("A due refund is one job's", arguments: Engine.allCases)
    func claims(engine: Engine) async throws {
        try await RefundFixture.run(engine) { fixture in
            try await fixture.paid()
            fixture.channel.play(.lost)
            let made = try await fixture.request(1)
            let due = try #require(try await fixture.refund(made.refund.id).nextActionAt)
            let until = due.advanced(by: .seconds(60))
            var claims: [Bool] = []
            for _ in 0..<3 {
                claims.append(
                    try await fixture.store.storage.write("shop1") {
                        try $0.claimDueRefund(merchant: "shop1", id: made.refund.id, due: due, until: until)
                    })
            }
            #expect(claims == [true, false, false])
        }
    }
}
