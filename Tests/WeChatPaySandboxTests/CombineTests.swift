import PaymentPrimitives
import Synchronization
import Testing

@testable import WeChatPaySandbox

@Suite("Combined orders")
struct CombineTests {
    private static let path = "/v3/combine-transactions"

    private func part(_ number: String, _ mchid: String = "1900000001", total: Int64 = 100, sub: String? = nil) -> JSONValue {
        .record(
            ("mchid", .string(mchid)), ("attach", "附加"), ("description", "茶"), ("out_trade_no", .string(number)),
            ("sub_mchid", .text(sub)),
            ("amount", .record(("total_amount", .integer(total)), ("currency", "CNY"))))
    }

    private func order(_ caller: Caller, _ parts: [JSONValue]? = nil, _ changes: [String: JSONValue?] = [:]) -> JSONValue {
        var body = JSONValue.record(
            ("combine_appid", .string(caller.merchant.appid)), ("combine_mchid", .string(caller.merchant.mchid)),
            ("combine_out_trade_no", "COMBINE1"), ("notify_url", "https://pay.example.com/notify"),
            ("sub_orders", .array(parts ?? [part("PART000001"), part("PART000002", total: 250)])),
            ("combine_payer_info", .record(("openid", .string(caller.openid)))))
        for (pointer, value) in changes { body = body.replacing(pointer.split(separator: "/").map(String.init), with: value) }
        return body
    }

    private func prepay(
        _ caller: Caller, _ method: String = "jsapi", _ parts: [JSONValue]? = nil, _ changes: [String: JSONValue?] = [:]
    ) async throws -> Caller.Reply {
        try await caller.send("POST", "\(Self.path)/\(method)", order(caller, parts, changes).json)
    }

    private func query(_ caller: Caller) async throws -> Caller.Reply {
        try await caller.send("GET", Self.path + "/out-trade-no/COMBINE1")
    }

    private func close(_ caller: Caller, _ numbers: [String]) async throws -> Caller.Reply {
        let body = JSONValue.record(
            ("combine_appid", .string(caller.merchant.appid)),
            ("sub_orders", .array(numbers.map { .record(("mchid", "1900000001"), ("out_trade_no", .string($0))) })))
        return try await caller.send("POST", Self.path + "/out-trade-no/COMBINE1/close", body.json)
    }

    @Test("All parts are paid together: one notification, and a transaction_id for each")
    func purchase() async throws {
        let caller = try makeSandbox(strict: true)
        #expect(try await query(caller).code == "ORDER_NOT_EXIST")
        let id = try #require(try await prepay(caller).json["prepay_id"]?.string)
        let open = try await query(caller).json
        #expect(open["sub_orders"]?.array?.map { $0["trade_state"]?.string } == ["NOTPAY", "NOTPAY"])
        #expect(open["combine_payer_info"] == nil)
        #expect(try await prepay(caller).json["prepay_id"]?.string != id)
        let report = try await caller.sandbox.pay(.prepayID(id), openid: caller.openid)
        #expect(report.errMsg == "requestPayment:ok")
        let paid = try await query(caller).json
        #expect(paid["combine_appid"]?.string == caller.merchant.appid)
        #expect(paid["combine_mchid"]?.string == "1900000001")
        #expect(paid["combine_out_trade_no"]?.string == "COMBINE1")
        #expect(paid["combine_payer_info"]?["openid"]?.string == caller.openid)
        let parts = try #require(paid["sub_orders"]?.array)
        #expect(parts.map { $0["trade_state"]?.string } == ["SUCCESS", "SUCCESS"])
        #expect(parts.map { $0["amount"]?["total_amount"]?.int64 } == [100, 250])
        #expect(parts.map { $0["amount"]?["payer_amount"]?.int64 } == [100, 250])
        let numbers = Set(parts.compactMap { $0["transaction_id"]?.string })
        #expect(numbers.count == 2)
        let deliveries = caller.sandbox.deliveries()
        #expect(deliveries.map(\.outTradeNo) == ["COMBINE1"])
        #expect(try caller.resource(of: deliveries[0]) == paid)
        // By the plain calls there is no such order.
        for number in ["COMBINE1", "PART000001"] { #expect(try await caller.query(number).code == "ORDER_NOT_EXIST") }
        #expect(try await caller.close("PART000001").code == "ORDER_NOT_EXIST")
        let byID = "/v3/pay/transactions/id/\(numbers.first ?? "")?mchid=1900000001"
        #expect(try await caller.send("GET", byID).code == "ORDER_NOT_EXIST")
        #expect(try await prepay(caller).code == "ORDERPAID")
        #expect(try await close(caller, ["PART000001", "PART000002"]).code == "ORDERPAID")
    }

    @Test("A wallet that cannot pay all parts pays none")
    func allOrNone() async throws {
        let caller = try makeSandbox()
        let parts = [part("PART000001", total: 600_000), part("PART000002", total: 600_000)]
        #expect(try await prepay(caller, "jsapi", parts).status == 200)
        let target = PaymentTarget.outTradeNo("COMBINE1", mchid: "1900000001")
        #expect(try await caller.sandbox.pay(target, openid: caller.openid).reason == "余额不足")
        #expect(try await query(caller).json["sub_orders"]?.array?.map { $0["trade_state"]?.string } == ["NOTPAY", "NOTPAY"])
        #expect(caller.sandbox.deliveries().isEmpty)
        // The greatest amounts are no more than too much, and greater ones are refused.
        let huge = try makeSandbox()
        for total in [Int64.max, 1_000_000_000_001] {
            let reply = try await prepay(huge, "jsapi", [part("PART000001"), part("PART000002", total: total)])
            #expect(reply.code == "PARAM_ERROR")
            #expect(reply.json["detail"]?["field"]?.string == "/sub_orders/1/amount/total_amount")
        }
        let most = ["PART000001", "PART000002"].map { part($0, total: 1_000_000_000_000) }
        #expect(try await prepay(huge, "jsapi", most).status == 200)
        #expect(try await huge.sandbox.pay(target, openid: huge.openid).reason == "余额不足")
    }

    @Test("By the number of one part the user pays all of them, and only once")
    func partNumber() async throws {
        let caller = try makeSandbox()
        _ = try await prepay(caller)
        let second = PaymentTarget.outTradeNo("PART000002", mchid: "1900000001")
        try await caller.sandbox.pay(second, openid: caller.openid)
        #expect(try await query(caller).json["sub_orders"]?.array?.map { $0["trade_state"]?.string } == ["SUCCESS", "SUCCESS"])
        #expect(caller.sandbox.deliveries().map(\.outTradeNo) == ["COMBINE1"])
        for number in ["PART000001", "PART000002", "COMBINE1"] {
            let again = PaymentTarget.outTradeNo(number, mchid: "1900000001")
            #expect(try await caller.sandbox.pay(again, openid: caller.openid).reason == "该订单已支付")
        }
        #expect(try caller.sandbox.balance(openid: caller.openid) == 999_650)
        // Whichever part is not open any more, the sheet takes no money.
        let odd = try makeSandbox()
        _ = try await prepay(odd)
        try odd.alter("PART000002") { $0.tradeState = .closed }
        let all = PaymentTarget.outTradeNo("COMBINE1", mchid: "1900000001")
        #expect(try await odd.sandbox.pay(all, openid: odd.openid).reason == "订单已关闭")
        #expect(try odd.sandbox.balance(openid: odd.openid) == 1_000_000)
    }

    @Test("A part with a number of two bytes is refunded by it, and the bill knows the payer by the order's app")
    func shortNumber() async throws {
        let caller = try makeSandbox(merchant: 1)
        let mchid = caller.merchant.mchid
        let stranger = try #require(caller.sandbox.users.first { $0.appid != caller.merchant.appid })
        let parts = [part("P1", mchid), part("P2", mchid, total: 250)]
        let reply = try await prepay(caller, "native", parts, ["combine_payer_info": nil])
        try await caller.sandbox.pay(.codeURL(reply.json["code_url"]?.string ?? ""), openid: stranger.openid)
        let changes: [String: JSONValue?] = ["out_trade_no": "P2", "amount/total": .integer(250)]
        #expect(try await caller.refund("REFUND1", 100, changes).json["out_trade_no"]?.string == "P2")
        #expect(try await caller.refund("REFUND2", 100, ["out_trade_no": "P"]).code == "PARAM_ERROR")
        let seen = try await query(caller).json["combine_payer_info"]?["openid"]?.string
        #expect(seen != stranger.openid)
        let day = try #require(BeijingDate("2023-11-15"))
        let rows = caller.sandbox.shared.withLock { $0.engine.tradeBill(.all, mchid, nil, day).table.rows }
        #expect(rows.map { $0[7] } == [seen, seen, seen])
    }

    @Test("Each part uses a coupon of its own")
    func coupons() async throws {
        let caller = try makeSandbox()
        for amount in [20, 30, 40] as [Int64] {
            try caller.sandbox.addCoupon(openid: caller.openid, amount: amount, type: .cash)
        }
        _ = try await prepay(caller)
        try await caller.sandbox.pay(.outTradeNo("COMBINE1", mchid: "1900000001"), openid: caller.openid)
        let parts = try #require(try await query(caller).json["sub_orders"]?.array)
        #expect(parts.map { $0["amount"]?["payer_amount"]?.int64 } == [60, 220])
        #expect(parts.map { $0["promotion_detail"]?.array?.first?["amount"]?.int64 } == [40, 30])
    }

    @Test("Closing must name exactly the parts, and closes them all; after seven days they close themselves")
    func closing() async throws {
        let caller = try makeSandbox()
        #expect(try await close(caller, ["PART000001", "PART000002"]).code == "ORDER_NOT_EXIST")
        _ = try await prepay(caller)
        let wrong = [
            ["PART000001"], ["PART000001", "PART000003"], ["PART000001", "PART000001"],
            ["PART000001", "PART000002", "PART000003"],
        ]
        for numbers in wrong {
            let reply = try await close(caller, numbers)
            #expect((reply.status, reply.code) == (400, "INVALID_REQUEST"))
        }
        #expect(caller.sandbox.warnings.isEmpty)
        for _ in 1...2 { #expect(try await close(caller, ["PART000002", "PART000001"]).status == 204) }
        #expect(caller.sandbox.warnings.map(\.code) == ["close_too_early"])
        #expect(try await query(caller).json["sub_orders"]?.array?.map { $0["trade_state"]?.string } == ["CLOSED", "CLOSED"])
        #expect(try await prepay(caller).code == "ORDER_CLOSED")
        let late = try makeSandbox()
        _ = try await prepay(late)
        try await late.sandbox.advanceClock(by: 7 * 86_400)
        #expect(try await query(late).json["sub_orders"]?.array?.map { $0["trade_state"]?.string } == ["CLOSED", "CLOSED"])
    }

    @Test("APP, H5 and Native work for combined orders as for others", arguments: [PrepayMethod.app, .h5, .native])
    func methods(_ method: PrepayMethod) async throws {
        let caller = try makeSandbox(strict: true)
        var changes: [String: JSONValue?] = ["combine_payer_info": nil]
        if method == .h5 {
            #expect(try await prepay(caller, "h5", nil, changes).json["detail"]?["field"]?.string == "/scene_info")
            changes["scene_info"] = .record(("payer_client_ip", "203.0.113.7"), ("h5_info", .record(("type", "Wap"))))
        }
        let reply = try await prepay(caller, method.rawValue, nil, changes)
        let target: PaymentTarget
        switch method {
        case .native: target = .codeURL(try #require(reply.json["code_url"]?.string))
        case .h5: target = .h5URL(try #require(reply.json["h5_url"]?.string))
        default: target = .prepayID(try #require(reply.json["prepay_id"]?.string))
        }
        #expect(try await caller.sandbox.pay(target, openid: caller.openid).tradeState == .success)
        #expect(try await query(caller).json["sub_orders"]?.array?.first?["trade_type"]?.string == method.tradeType)
    }

    @Test("A combined order keeps its number, its parts and theirs")
    func reentry() async throws {
        let caller = try makeSandbox()
        _ = try await prepay(caller)
        #expect(try await prepay(caller, "native").message == "201 商户订单号重复")
        let other = [part("PART000001"), part("PART000003")]
        #expect(try await prepay(caller, "jsapi", other).message == "请求重入时，参数与首次请求时不一致")
        let stolen = try await prepay(caller, "jsapi", other, ["combine_out_trade_no": "COMBINE2"])
        #expect(stolen.message == "201 商户订单号重复")
        #expect(caller.sandbox.order(mchid: "1900000001", outTradeNo: "PART000003") == nil)
        #expect(try await caller.prepay("PART000001").code == "INVALID_REQUEST")
        // The number of a combined order is in nobody's way.
        #expect(try await caller.prepay("COMBINE1").status == 200)
    }

    @Test("Two to ten parts, each complete, none twice")
    func rules() async throws {
        let caller = try makeSandbox()
        let cases: [([JSONValue], String)] = [
            ([part("PART000001")], "/sub_orders"), ((1...11).map { part("PART00000\($0)") }, "/sub_orders"),
            ([part("PART000001"), part("PART000001")], "/sub_orders"),
            ([part("PART000001"), part("P")], "/sub_orders/1/out_trade_no"),
            ([part("PART000001"), part("PART000002").replacing(["attach"], with: nil)], "/sub_orders/1/attach"),
            ([part("PART000001"), part("PART000002", total: 0)], "/sub_orders/1/amount/total_amount"),
            ([part("PART000001", sub: "1900000101"), part("PART000002")], "/sub_orders/0/sub_mchid"),
        ]
        for (parts, field) in cases {
            let reply = try await prepay(caller, "jsapi", parts)
            #expect((reply.status, reply.code) == (400, "PARAM_ERROR"), "\(field)")
            #expect(reply.json["detail"]?["field"]?.string == field)
        }
        #expect(try await prepay(caller, "jsapi", nil, ["combine_payer_info/openid": "oNobody"]).code == "PARAM_ERROR")
        #expect(try await prepay(caller, "jsapi", nil, ["combine_appid": "wx2"]).code == "APPID_MCHID_NOT_MATCH")
        #expect(try await prepay(caller, "jsapi", nil, ["time_start": "now"]).json["detail"]?["field"]?.string == "/time_start")
        let nobody = [part("PART000001"), part("PART000002", "1900000999")]
        #expect(try await prepay(caller, "jsapi", nobody).code == "MCH_NOT_EXISTS")
        #expect(caller.sandbox.order(mchid: "1900000001", outTradeNo: "PART000001") == nil)
        #expect(try await prepay(caller, "jsapi", (1...10).map { part("PART00000\($0)") }).status == 200)
    }

    @Test("Another merchant's part is let pass with a warning, and strict refuses it")
    func foreign() async throws {
        let parts = [part("PART000001"), part("PART000002", "1900000002")]
        let caller = try makeSandbox()
        #expect(try await prepay(caller, "jsapi", parts).status == 200)
        #expect(caller.sandbox.warnings.map(\.code) == ["combine_foreign_mchid"])
        try await caller.sandbox.pay(.outTradeNo("COMBINE1", mchid: "1900000001"), openid: caller.openid)
        #expect(caller.sandbox.order(mchid: "1900000002", outTradeNo: "PART000002")?.tradeState == .success)
        #expect(caller.sandbox.deliveries().map(\.mchid) == ["1900000001"])
        #expect(try await prepay(makeSandbox(strict: true), "jsapi", parts).code == "APPID_MCHID_NOT_MATCH")
    }

    @Test("A service provider combines one to fifty of its sub-merchants' orders")
    func partner() async throws {
        let caller = try makeSandbox(merchant: 2, strict: true)
        let own = part("PART000001", "1900000003", sub: "1900000101")
        let wrong: [(JSONValue, String)] = [
            (part("PART000002", "1900000003"), "PARAM_ERROR"), (part("PART000002", sub: "1900000101"), "PARAM_ERROR"),
            (part("PART000002", "1900000003", sub: "1900000999"), "NO_AUTH"),
        ]
        for (part, code) in wrong { #expect(try await prepay(caller, "jsapi", [own, part]).code == code) }
        let many = (10...60).map { part("PART0000\($0)", "1900000003", sub: "1900000102") }
        #expect(try await prepay(caller, "jsapi", many).code == "PARAM_ERROR")
        let reply = try await prepay(caller, "jsapi", [own])
        #expect(reply.status == 200, "\(reply.body)")
        try await caller.sandbox.pay(.outTradeNo("COMBINE1", mchid: "1900000003"), openid: caller.openid)
        let paid = try await query(caller).json["sub_orders"]?.array?.first
        #expect(paid?["sub_mchid"]?.string == "1900000101")
        #expect(paid?["trade_state"]?.string == "SUCCESS")
    }
}
