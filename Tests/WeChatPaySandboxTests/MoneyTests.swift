import Foundation
import HTTPTypes
import PaymentPrimitives
import Synchronization
import Testing
import WeChatPay

@testable import WeChatPaySandbox

@Suite("Money")
struct MoneyTests {
    @Test("A proportion is rounded half up and does not overflow")
    func proportions() {
        #expect(Proportion.rounded(5, 1, of: 2) == 3)
        #expect(Proportion.rounded(4999, 60, of: 10_000) == 30)
        #expect(Proportion.rounded(83, 60, of: 10_000) == 0)
        #expect(Proportion.rounded(84, 60, of: 10_000) == 1)
        #expect(Proportion.rounded(.max, .max, of: .max) == .max)
        #expect(Proportion.rounded(.max, 1, of: 2) == 4_611_686_018_427_387_904)
        #expect(Proportion.rounded(7, 0, of: 0) == 0)
    }

    @Test("What is earned today is settled tomorrow at nine, and not a second earlier; today's earnings wait")
    func settlement() async throws {
        let caller = try makeSandbox(deliver: { _ in 200 })
        try await caller.buy("ORDER0001", total: 10_000)
        #expect(try caller.sandbox.balances(mchid: "1900000001").unsettledFen == 9940)
        // 2023-11-15 06:13:20 to 2023-11-16 08:59:59.
        try await caller.sandbox.advanceClock(by: 96_399)
        try await caller.buy("ORDER0002", total: 1000)
        #expect(try caller.sandbox.balances(mchid: "1900000001").availableFen == 0)
        try await caller.sandbox.advanceClock(by: 1)
        let settled = try caller.sandbox.balances(mchid: "1900000001")
        #expect((settled.unsettledFen, settled.availableFen) == (994, 9940))
        #expect(caller.sandbox.nextDue?.rfc3339 == "2023-11-17T09:00:00+08:00")
        try await caller.sandbox.advanceClock(by: 86_400)
        #expect(try caller.sandbox.balances(mchid: "1900000001").availableFen == 10_934)
        #expect(caller.sandbox.nextDue == nil)
        try caller.sandbox.withdraw(mchid: "1900000001", amountFen: 10_934)
        #expect(throws: SandboxError(.invalidArgument, "")) {
            try caller.sandbox.withdraw(mchid: "1900000001", amountFen: 1)
        }
        #expect(caller.ledger.balance(.bank) == 10_934)
    }

    @Test("A reverse is never refused for want of money: what is missing the merchant owes")
    func debt() async throws {
        let caller = try makeSandbox()
        try await caller.buy("ORDER0001", total: 10_000)
        try await caller.sandbox.advanceClock(by: 3 * 86_400)
        try caller.sandbox.withdraw(mchid: "1900000001", amountFen: 9940)
        try caller.sandbox.update { engine, moment in
            engine.giveBack(reversing: try #require(engine.state.orders["1900000001/ORDER0001"]), moment)
        }
        #expect(try caller.sandbox.balance(openid: caller.openid) == 1_000_000)
        let owed = try caller.sandbox.balances(mchid: "1900000001")
        #expect((owed.unsettledFen, owed.availableFen) == (0, -9940))
        #expect(caller.ledger.balances.values.reduce(0, +) == 0)
    }

    @Test("When the unsettled money is short and the available would do, a warning says so")
    func settledMeanwhile() async throws {
        let caller = try makeSandbox()
        try await caller.buy("ORDER0001", total: 10_000)
        let changes: [String: JSONValue?] = ["amount/total": .integer(10_000)]
        try await caller.buy("ORDER0002", total: 10_000)
        try await caller.sandbox.advanceClock(by: 86_400 * 2)
        #expect(try await caller.refund("REFUND1", 10_000, changes).message == "商户可用退款余额不足，请充值后重试")
        #expect(caller.sandbox.warnings.map(\.code) == ["refund_unsettled_short"])
        #expect(caller.sandbox.warnings.first?.message.contains("AVAILABLE") == true)
        // Not when it would not do either.
        try caller.sandbox.withdraw(mchid: "1900000001", amountFen: 10_000)
        #expect(try await caller.refund("REFUND1", 10_000, changes).code == "NOT_ENOUGH")
        #expect(caller.sandbox.warnings.map(\.count) == [1])
    }

    @Test("A payment of today is refunded whole in the console: the fee that comes back covers what it has taken")
    func consoleWhole() async throws {
        let caller = try makeSandbox()
        try await caller.buy("ORDER0001", total: 10_000)
        let whole = try caller.sandbox.refundFromConsole(mchid: "1900000001", outTradeNo: "ORDER0001", amountFen: 10_000)
        #expect(whole.fundsAccount == .unsettled)
        #expect(try caller.sandbox.balances(mchid: "1900000001").unsettledFen == 0)
    }

    @Test("Users cannot spend more than they have; what is refunded they can spend again")
    func wallet() async throws {
        let caller = try makeSandbox()
        try await caller.buy("ORDER0001", total: 999_950)
        try await caller.prepay("ORDER0002")
        let report = try await caller.sandbox.pay(.outTradeNo("ORDER0002", mchid: "1900000001"), openid: caller.openid)
        #expect(report.errMsg == "requestPayment:fail 余额不足")
        try await caller.refund("REFUND1", 50, ["amount/total": .integer(999_950)])
        try await caller.sandbox.advanceClock(by: 5)
        try await caller.sandbox.pay(.outTradeNo("ORDER0002", mchid: "1900000001"), openid: caller.openid)
        #expect(try caller.sandbox.balance(openid: caller.openid) == 0)
    }

    @Test("Money, refunds and bills survive a restart, and a refund that fell due meanwhile arrives at its own time")
    func restart() async throws {
        let store = PersistenceTests.MemoryStore()
        let clock = ManualClock()
        let first = try makeSandbox(store: store, clock: clock)
        try await first.buy()
        try await first.refund("REFUND1", 40)
        clock.advance(by: .seconds(86_400))
        let second = try makeSandbox(store: store, clock: clock)
        #expect(second.ledger.entries == first.ledger.entries)
        #expect(second.ledger.balances == first.ledger.balances)
        #expect(try await second.queryRefund("REFUND1").json["success_time"]?.string == "2023-11-15T06:13:25+08:00")
        #expect(try second.sandbox.balance(openid: second.openid) == 999_940)
    }

    @Test("A reversed payment code gives back all of the money, the fee too, and its order cannot be refunded")
    func reverse() async throws {
        let caller = try makeSandbox()
        let code = try caller.sandbox.authCode(openid: caller.openid)
        #expect(try await caller.codePay(code, "ORDER0001", ["amount/total": .integer(1000)]).status == 200)
        #expect(try caller.sandbox.balances(mchid: "1900000001").unsettledFen == 994)
        try await caller.sandbox.advanceClock(by: 15)
        let body = "{\"appid\":\"\(caller.merchant.appid)\",\"mchid\":\"1900000001\"}"
        for _ in 1...2 {
            let path = "/v3/pay/transactions/out-trade-no/ORDER0001/reverse"
            #expect(try await caller.send("POST", path, body).status == 200)
        }
        #expect(try caller.sandbox.balance(openid: caller.openid) == 1_000_000)
        #expect(caller.ledger.balances.values.allSatisfy { $0 == 0 })
        #expect(try await caller.refund("REFUND1", 10, ["amount/total": .integer(1000)]).code == "RESOURCE_NOT_EXISTS")
        let day = try #require(BeijingDate("2023-11-15"))
        let rows = caller.sandbox.shared.withLock { $0.engine.tradeBill(.all, "1900000001", nil, day).table.rows }
        #expect(rows.map { $0[9] } == ["SUCCESS", "REVOKED"])
        #expect(rows.map { $0[22] } == ["0.06000", "-0.06000"])
    }

    @Test("The parts of a combined order are refunded one by one, by their transaction_id")
    func combined() async throws {
        let caller = try makeSandbox()
        let parts = [("PART000001", Int64(100)), ("PART000002", 250)].map { number, total in
            JSONValue.record(
                ("mchid", "1900000001"), ("attach", "附加"), ("description", "茶"), ("out_trade_no", .string(number)),
                ("amount", .record(("total_amount", .integer(total)), ("currency", "CNY"))))
        }
        let body = JSONValue.record(
            ("combine_appid", .string(caller.merchant.appid)), ("combine_mchid", "1900000001"),
            ("combine_out_trade_no", "COMBINE1"), ("notify_url", "https://pay.example.com/notify"),
            ("sub_orders", .array(parts)), ("combine_payer_info", .record(("openid", .string(caller.openid)))))
        #expect(try await caller.send("POST", "/v3/combine-transactions/jsapi", body.json).status == 200)
        try await caller.sandbox.pay(.outTradeNo("COMBINE1", mchid: "1900000001"), openid: caller.openid)
        let id = try #require(caller.sandbox.order(mchid: "1900000001", outTradeNo: "PART000002")?.transactionID)
        let changes: [String: JSONValue?] = [
            "out_trade_no": nil, "transaction_id": .string(id), "amount/total": .integer(250),
        ]
        #expect(try await caller.refund("REFUND1", 250, changes).json["out_trade_no"]?.string == "PART000002")
        let combine = try await caller.send("GET", "/v3/combine-transactions/out-trade-no/COMBINE1").json
        #expect(combine["sub_orders"]?.array?.map { $0["trade_state"]?.string } == ["SUCCESS", "REFUND"])
        try await caller.sandbox.advanceClock(by: 5)
        #expect(try caller.sandbox.balance(openid: caller.openid) == 999_900)
    }

    @Test("A coupon of the user's is settled to the merchant and goes back to its pool with the refund")
    func coupon() async throws {
        let caller = try makeSandbox()
        try caller.sandbox.addCoupon(openid: caller.openid, amount: 30, type: .cash)
        try await caller.buy()
        #expect(caller.ledger.balance(.coupons) == -30)
        #expect(try caller.sandbox.balances(mchid: "1900000001").unsettledFen == 99)
        let refund = try await caller.refund("REFUND1", 100).json
        #expect(refund["amount"]?["payer_refund"]?.int64 == 70)
        #expect(refund["promotion_detail"]?.array?.first?["refund_amount"]?.int64 == 30)
        try await caller.sandbox.advanceClock(by: 5)
        #expect(try caller.sandbox.balance(openid: caller.openid) == 1_000_000)
        #expect(caller.ledger.balances.values.allSatisfy { $0 == 0 })
    }

    @Test("The control calls about money, over HTTP")
    func control() async throws {
        let caller = try makeSandbox()
        try await caller.buy()
        let api = ControlAPI(sandbox: caller.sandbox)
        func send(_ method: HTTPRequest.Method, _ path: String, _ body: String = "") async -> (status: Int, body: JSONValue) {
            await api.respond(
                to: TransportRequest(
                    head: HTTPRequest(method: method, scheme: "http", authority: "localhost", path: "/_sandbox" + path),
                    body: Array(body.utf8)))
        }
        let outcome = await send(
            .post, "/refunds/outcome", "{\"mchid\":\"1900000001\",\"next\":true,\"outcome\":\"abnormal\"}")
        #expect(outcome.status == 200)
        let made = await send(
            .post, "/refunds", "{\"mchid\":\"1900000001\",\"out_trade_no\":\"ORDER0001\",\"amount\":40}")
        let number = try #require(made.body["out_refund_no"]?.string)
        #expect(made.body["from_console"]?.bool == true)
        try await caller.sandbox.advanceClock(by: 5)
        let shown = await send(.get, "/refunds/1900000001/\(number)").body
        #expect(shown["status"]?.string == "ABNORMAL")
        #expect(shown["changes"]?.array?.map { $0["status"]?.string } == ["PROCESSING", "ABNORMAL"])
        let balances = await send(.get, "/balances/1900000001").body
        #expect(
            balances.json
                == "{\"mchid\":\"1900000001\",\"unsettled_fen\":59,\"available_fen\":0,\"operation_fen\":0,\"refunding_fen\":40}")
        let topUp = await send(.post, "/top-up", "{\"mchid\":\"1900000001\",\"amount_fen\":500}")
        #expect(topUp.body["available_fen"]?.int64 == 500)
        let operation = await send(
            .post, "/top-up", "{\"mchid\":\"1900000101\",\"amount_fen\":5,\"account\":\"OPERATION\"}")
        #expect(operation.body["operation_fen"]?.int64 == 5)
        let withdrawn = await send(.post, "/withdraw", "{\"mchid\":\"1900000001\",\"amount_fen\":499}")
        #expect(withdrawn.body["available_fen"]?.int64 == 1)
        #expect(await send(.get, "/users/\(caller.openid)").body["balance_fen"]?.int64 == 999_900)
        let cases: [(HTTPRequest.Method, String, String, Int, String)] = [
            (.post, "/withdraw", "{\"mchid\":\"1900000001\",\"amount_fen\":2}", 400, "amount_fen 2"),
            (.post, "/top-up", "{\"mchid\":\"1900000001\",\"amount_fen\":0}", 400, "amount_fen"),
            (.post, "/top-up", "{\"mchid\":\"1900000001\",\"amount_fen\":1,\"account\":\"X\"}", 400, "BASIC, OPERATION"),
            (.post, "/top-up", "{\"mchid\":\"1\",\"amount_fen\":1}", 404, "merchant 1"),
            (.get, "/balances/1", "", 404, "merchant 1"), (.get, "/users/x", "", 404, "user"),
            (.get, "/refunds/1900000001/x", "", 404, "refund x"),
            (.post, "/refunds", "{\"mchid\":\"1900000001\",\"amount\":1}", 400, "out_trade_no"),
            (
                .post, "/refunds", "{\"mchid\":\"1900000001\",\"out_trade_no\":\"ORDER0001\",\"amount\":61}", 400,
                "INVALID_REQUEST"
            ),
            (
                .post, "/refunds/outcome", "{\"mchid\":\"1900000001\",\"next\":true,\"outcome\":\"x\"}", 400,
                "success, abnormal, closed"
            ),
            (.post, "/nothing", "{}", 404, "GET /_sandbox/balances/{mchid}"),
        ]
        for (method, path, body, status, text) in cases {
            let answer = await send(method, path, body)
            #expect(answer.status == status, "\(path) \(body)")
            #expect(answer.body["message"]?.string?.contains(text) == true, "\(answer.body.json)")
        }
    }
}
