import Foundation
import HTTPTypes
import PaymentPrimitives
import Synchronization
import Testing
import WeChatPay

@testable import WeChatPaySandbox

/// Thousands of random operations; after each, the money must be where it belongs.
@Suite("The ledger under random operations")
struct MoneyInvariantTests {
    private struct World {
        let caller: Caller
        let random: SeededRandom
        var orders: [String] = []
        var count = 0
        /// The order that was touched last.
        var last: String?

        var mchid: String { caller.merchant.mchid }

        func pick(_ range: ClosedRange<Int64>) -> Int64 {
            let word = random.bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return range.lowerBound + Int64(word % UInt64(range.upperBound - range.lowerBound + 1))
        }

        /// Small amounts more often than large ones: there the rounding is.
        func amount() -> Int64 { pick(0...3) == 0 ? pick(1...500_000) : pick(1...300) }
    }

    @Test(
        "Nothing is lost, made up, or paid twice",
        arguments: [1, 2, UInt64(SystemRandom().bytes(4).reduce(0) { $0 << 8 | UInt64($1) })])
    func randomOperations(_ seed: UInt64) async throws {
        print("MoneyInvariantTests: seed \(seed)")
        var setup = SandboxSetup.standard
        setup.users[0].balanceFen = 30_000_000
        let clock = ManualClock()
        let sandbox = try Sandbox(setup, clock: clock, random: SeededRandom(seed))
        var world = World(
            caller: Caller(sandbox: sandbox, merchant: sandbox.merchants[0], clock: clock), random: SeededRandom(seed &+ 1))
        for step in 0..<2500 {
            try await act(&world)
            checkBalances(world, "seed \(seed) step \(step)")
            if let last = world.last { checkOrder(last, world, "seed \(seed) step \(step)") }
        }
        try await sandbox.advanceClock(by: 3 * 86_400)
        checkBalances(world, "seed \(seed) end")
        for number in world.orders { checkOrder(number, world, "seed \(seed) end") }
        checkEntries(world, "seed \(seed) end")
        checkBills(world, "seed \(seed)")
    }

    // MARK: Operations

    private func act(_ world: inout World) async throws {
        world.count += 1
        world.last = nil
        let sandbox = world.caller.sandbox
        switch world.pick(0...19) {
        case 0...5: try await pay(&world)
        case 6...11: try refund(&world)
        case 12: try refundAtConsole(&world)
        case 13:
            let outcomes: [RefundOutcome] = [.abnormal, .closed, .closed]
            try sandbox.setRefundOutcome(mchid: world.mchid, outRefundNo: nil, outcomes[Int(world.pick(0...2))])
        case 14: try rerouteAbnormal(&world)
        case 15: try sandbox.topUp(mchid: world.mchid, amountFen: world.amount())
        case 16:
            let available = try sandbox.balances(mchid: world.mchid).availableFen
            if available > 0 { try sandbox.withdraw(mchid: world.mchid, amountFen: world.pick(1...available)) }
        case 17: try reverse(&world)
        default:
            let spans: [Int64] = [3, 5, 60, 3600, 40_000]
            try await sandbox.advanceClock(by: world.pick(0...spans[Int(world.pick(0...4))]))
        }
    }

    private func pay(_ world: inout World) async throws {
        let number = "ORDER" + String(100_000 + world.count)
        let (caller, total) = (world.caller, world.amount())
        try call(.post, Caller.jsapi, caller.order(number, ["amount/total": .integer(total)]), world)
        var left = total
        var coupons: [SandboxOrder.AppliedCoupon] = []
        for index in 0..<world.pick(0...2) where left > 0 && world.pick(0...1) == 0 {
            let amount = world.pick(1...left)
            left -= amount
            coupons.append(
                .init(
                    couponID: "C\(index)", stockID: "S", name: "券", type: world.pick(0...1) == 0 ? .cash : .noCash,
                    amount: amount))
        }
        try caller.alter(number) { $0.coupons = coupons }
        let report = try await caller.sandbox.pay(.outTradeNo(number, mchid: world.mchid), openid: caller.openid)
        guard report.errMsg == "requestPayment:ok" else { return }
        world.orders.append(number)
        world.last = number
    }

    private func refund(_ world: inout World) throws {
        guard let order = anyOrder(&world) else { return }
        let left = order.total - refunded(order, world)
        let amount = [left, left + 1, max(1, left / 3), world.pick(1...order.total)][Int(world.pick(0...3))]
        guard amount > 0 else { return }
        let body = world.caller.refundBody(
            "R\(world.count)", amount,
            [
                "out_trade_no": .string(order.outTradeNo), "amount/total": .integer(order.total),
                "funds_account": world.pick(0...1) == 0 ? "AVAILABLE" : "UNSETTLED",
            ])
        let answer = try call(.post, Caller.refunds, body, world)
        // A reversed order has nothing to refund.
        guard order.isRefundable else { return #expect(answer.status == 404) }
        #expect([200, 400, 403].contains(answer.status))
        if amount > left { #expect(answer.status == 400) }
    }

    private func refundAtConsole(_ world: inout World) throws {
        guard let order = anyOrder(&world) else { return }
        _ = try? world.caller.sandbox.refundFromConsole(
            mchid: world.mchid, outTradeNo: order.outTradeNo, amountFen: world.pick(1...order.total))
    }

    private func rerouteAbnormal(_ world: inout World) throws {
        let refunds = state(world).money.refunds.values.filter { $0.status == .abnormal }.sorted { $0.key < $1.key }
        guard let refund = refunds.first else { return }
        world.last = refund.outTradeNo
        let body = JSONValue.record(("out_refund_no", .string(refund.outRefundNo)), ("type", "MERCHANT_BANK_CARD"))
        let answer = try call(.post, "\(Caller.refunds)/\(refund.refundID)/apply-abnormal-refund", body, world)
        #expect(answer.status == 200)
    }

    /// Only where the money for it is there: a debt has a test of its own.
    private func reverse(_ world: inout World) throws {
        guard let order = anyOrder(&world), order.tradeState == .success else { return }
        let balances = try world.caller.sandbox.balances(mchid: world.mchid)
        guard balances.unsettledFen + balances.availableFen + order.fee >= order.settlementTotal else { return }
        try world.caller.sandbox.update { engine, moment in
            engine.giveBack(reversing: order, moment)
            engine.state.orders[order.key]?.tradeState = .init(rawValue: "REVOKED")
        }
    }

    private func anyOrder(_ world: inout World) -> SandboxOrder? {
        guard !world.orders.isEmpty else { return nil }
        let number = world.orders[Int(world.pick(0...Int64(world.orders.count - 1)))]
        world.last = number
        return state(world).orders[SandboxOrder.key(world.mchid, number)]
    }

    /// A signed call without the signature: thousands of them would take minutes.
    @discardableResult
    private func call(_ method: HTTPRequest.Method, _ path: String, _ body: JSONValue, _ world: World) throws
        -> WeChatPaySandbox.Answer
    {
        let request = TransportRequest(
            head: HTTPRequest(
                method: method, scheme: "https", authority: "api.mch.weixin.qq.com", path: path,
                headerFields: [.accept: "application/json", .userAgent: "test", .contentType: "application/json"]),
            body: body.serialised())
        return try world.caller.sandbox.update { engine, moment in
            engine.answer(Call(request), from: try #require(engine.platform.accounts[world.mchid]), at: moment)
        }
    }

    // MARK: What must hold

    private func state(_ world: World) -> SandboxState { world.caller.sandbox.shared.withLock { $0.engine.state } }

    private func refunded(_ order: SandboxOrder, _ world: World) -> Int64 {
        RefundTotals(state(world).money.refunds(of: order.key), couponCount: order.coupons.count).refund
    }

    private func checkBalances(_ world: World, _ place: String) {
        let money = state(world).money
        #expect(money.ledger.balances.values.reduce(0, +) == 0, "\(place)")
        for account in [LedgerAccount.unsettled(world.mchid), .available(world.mchid), .fees, .refunding] {
            #expect(money.ledger.balance(account) >= 0, "\(place): \(account.rawValue)")
        }
        #expect(money.ledger.balance(.coupons) <= 0, "\(place)")
        #expect(30_000_000 + money.ledger.balance(.wallet(world.caller.openid)) >= 0, "\(place)")
    }

    private func checkOrder(_ number: String, _ world: World, _ place: String) {
        let state = state(world)
        guard let order = state.orders[SandboxOrder.key(world.mchid, number)] else { return }
        let refunds = state.money.refunds(of: order.key)
        let totals = RefundTotals(refunds, couponCount: order.coupons.count)
        #expect(totals.refund <= order.total && totals.payer <= order.payerTotal, "\(place): \(number)")
        #expect(totals.settlement <= order.settlementTotal && totals.fee <= order.fee, "\(place): \(number)")
        #expect(totals.parts <= 50, "\(place): \(number)")
        for refund in refunds {
            let parts = refund.coupons.map(\.refundAmount)
            #expect(refund.payerRefund + parts.reduce(0, +) == refund.refund, "\(place): \(refund.outRefundNo)")
            #expect(refund.payerRefund >= 0 && refund.feeRefund >= 0 && parts.allSatisfy { $0 >= 0 }, "\(place): \(number)")
            #expect(refund.feeRefund <= refund.settlementRefund, "\(place): \(number)")
        }
        guard totals.refund == order.total else { return }
        #expect(totals.payer == order.payerTotal, "\(place): \(number)")
        #expect(totals.settlement == order.settlementTotal, "\(place): \(number)")
        #expect(totals.fee == order.fee, "\(place): \(number)")
        #expect(totals.coupons == order.coupons.map(\.amount), "\(place): \(number)")
    }

    /// The balances are the sums of the entries, and what is on its way is what the refunds say.
    private func checkEntries(_ world: World, _ place: String) {
        let money = state(world).money
        var sums: [LedgerAccount: Int64] = [:]
        for transfer in money.ledger.entries.flatMap(\.transfers) {
            sums[transfer.from, default: 0] -= transfer.fen
            sums[transfer.to, default: 0] += transfer.fen
        }
        #expect(sums == money.ledger.balances, "\(place)")
        let waiting = money.refunds.values.filter { [.processing, .abnormal].contains($0.status) }
        #expect(waiting.reduce(0) { $0 + $1.settlementRefund } == money.ledger.balance(.refunding), "\(place)")
        #expect(money.ledger.balance(.unsettled(world.mchid)) == 0, "\(place)")
        #expect(zip(money.ledger.entries, money.ledger.entries.dropFirst()).allSatisfy { $0.at <= $1.at }, "\(place)")
        #expect(money.refundsDue.isEmpty && money.settlementDue == nil, "\(place)")
        for business in [Ledger.Business.refundClosed, .refundArrived, .settlement, .reversal, .withdrawal] {
            #expect(money.ledger.entries.contains { $0.business == business }, "\(place): no \(business) happened")
        }
    }

    /// The bills of each day say what the ledger says, and the fund flow of one day goes on where the day before ended.
    private func checkBills(_ world: World, _ place: String) {
        let ledger = state(world).money.ledger
        guard let first = ledger.entries.first, let last = ledger.entries.last else { return }
        let basic: Set<LedgerAccount> = [.unsettled(world.mchid), .available(world.mchid)]
        var balance: Int64 = 0
        for number in BeijingDate(first.at).daysSinceEpoch...BeijingDate(last.at).daysSinceEpoch {
            let day = BeijingDate(daysSinceEpoch: number)
            let entries = ledger.entries.filter { BeijingDate($0.at) == day }
            func moved(_ businesses: Ledger.Business...) -> Int64 {
                entries.filter { businesses.contains($0.business) }.reduce(0) { $0 + $1.net(basic) }
            }
            let rows = world.caller.sandbox.shared.withLock { $0.engine.tradeBill(.all, world.mchid, nil, day).rows }
            #expect(rows.reduce(0) { $0 + ($1.isPayment ? $1.order.settlementTotal : 0) } == moved(.payment), "\(place) \(day)")
            #expect(rows.reduce(0) { $0 + $1.settledRefund } == -moved(.refund, .reversal), "\(place) \(day)")
            #expect(rows.reduce(0) { $0 + $1.fee } == -moved(.fee, .feeReturned), "\(place) \(day)")
            let flow = FundFlowBill(ledger, .basic, world.mchid, day).rows
            for row in flow {
                balance += row.fen
                #expect(row.balance == balance && balance >= 0, "\(place) \(day)")
            }
        }
        #expect(balance == basic.reduce(0) { $0 + ledger.balance($1) }, "\(place)")
    }
}
