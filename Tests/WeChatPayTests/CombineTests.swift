import Foundation
import HTTPTypes
import Testing

@testable import WeChatPay

@Suite("Combined orders")
struct CombineTests {
    static let order = CombineOrder(
        combineAppid: "wx0000000000000001", combineOutTradeNo: "combine_1", notifyURL: "https://shop.example.com/notify",
        subOrders: [
            .init(
                reference: .init(mchid: "1900000001", outTradeNo: "sub_1"), description: "茶", amount: Money(fen: 60),
                attach: "a"),
            .init(
                reference: .init(mchid: "1900000001", outTradeNo: "sub_2", subMchid: "1900000009", subAppid: "wxsub"),
                description: "糖", amount: Money(fen: 40), attach: "b", detail: "{}", goodsTag: "g",
                settleInfo: CombineSettleInfo(profitSharing: true, subsidyAmount: 10)),
        ], timeStart: Timestamp(rfc3339: "2023-11-15T06:00:00+08:00"),
        timeExpire: Timestamp(rfc3339: "2023-11-15T07:00:00+08:00"), limitPay: [.noCredit])

    static let json = """
        "combine_appid":"wx0000000000000001","combine_mchid":"1900000001","combine_out_trade_no":"combine_1",
        "notify_url":"https://shop.example.com/notify","time_start":"2023-11-15T06:00:00+08:00",
        "time_expire":"2023-11-15T07:00:00+08:00","limit_pay":["no_credit"],"sub_orders":[
        {"mchid":"1900000001","out_trade_no":"sub_1","description":"茶","attach":"a",
        "amount":{"total_amount":60,"currency":"CNY"}},
        {"mchid":"1900000001","out_trade_no":"sub_2","sub_mchid":"1900000009","sub_appid":"wxsub","description":"糖","attach":"b",
        "amount":{"total_amount":40,"currency":"CNY"},"detail":"{}","goods_tag":"g",
        "settle_info":{"profit_sharing":true,"subsidy_amount":10}}]
        """

    @Test("each way to pay has its path and all fields under WeChat's names")
    func prepay() async throws {
        let platform = Platform(clock: JumpingClock())
        let transport = ScriptedTransport { _, _ in
            platform.answer(200, "{\"prepay_id\":\"wx1\",\"code_url\":\"weixin://x\",\"h5_url\":\"https://a/\"}")
        }
        let orders = try testClient(transport, clock: platform.clock).combineTransactions
        let scene = CombineSceneInfo(payerClientIP: "::1", deviceID: "d1")
        let jsapi = try await orders.jsapi(.init(order: Self.order, payerOpenID: "o1", sceneInfo: scene))
        #expect(jsapi.prepayID == "wx1")
        #expect(try await orders.app(.init(order: Self.order)).prepayID == "wx1")
        #expect(try await orders.native(.init(order: Self.order)).codeURL == "weixin://x")
        let h5 = try await orders.h5(.init(order: Self.order, sceneInfo: scene, h5Info: .sample))
        #expect(h5.h5URL == "https://a/")
        #expect(transport.paths == ["jsapi", "app", "native", "h5"].map { "/v3/combine-transactions/\($0)" })
        let sceneJSON = "\"scene_info\":{\"payer_client_ip\":\"::1\",\"device_id\":\"d1\""
        let bodies = [
            "{\(Self.json),\(sceneJSON)},\"combine_payer_info\":{\"openid\":\"o1\"}}", "{\(Self.json)}", "{\(Self.json)}",
            "{\(Self.json),\(sceneJSON),\"h5_info\":\(H5Info.sampleJSON)}}",
        ]
        for (request, body) in zip(transport.requests, bodies) { #expect(try jsonValue(request.body) == jsonValue(body)) }
        #expect(!dumped(CombineJSAPIPrepayRequest(order: Self.order, payerOpenID: "oWholeOpenID")).contains("oWholeOpenID"))
    }

    @Test("a combined order is asked for and closed with its very orders")
    func queryAndClose() async throws {
        let platform = Platform(clock: JumpingClock())
        let transport = ScriptedTransport { request, _ in
            request.head.method == .get ? platform.answer(200, combineJSON("c|")) : platform.answer(204, "")
        }
        let orders = try testClient(transport, clock: platform.clock).combineTransactions
        #expect(try await orders.query(combineOutTradeNo: "c|").subOrders.count == 2)
        try await orders.close(
            combineAppid: "wx0000000000000001", combineOutTradeNo: "c|", subOrders: Self.order.subOrders.map(\.reference))
        #expect(
            transport.paths == [
                "/v3/combine-transactions/out-trade-no/c%7C", "/v3/combine-transactions/out-trade-no/c%7C/close",
            ])
        #expect(
            try jsonValue(transport.requests[1].body)
                == jsonValue(
                    """
                    {"combine_appid":"wx0000000000000001","sub_orders":[{"mchid":"1900000001","out_trade_no":"sub_1"},
                    {"mchid":"1900000001","out_trade_no":"sub_2","sub_mchid":"1900000009","sub_appid":"wxsub"}]}
                    """))
        #expect(await code { _ = try await orders.query(combineOutTradeNo: "c2") } == .malformed)
    }

    @Test("an answer of another merchant is refused, and so is an order without sub-orders")
    func other() async throws {
        let platform = Platform(clock: JumpingClock())
        for json in [
            combineJSON().replacing("\"combine_mchid\":\"1900000001\"", with: "\"combine_mchid\":\"1900000002\""),
            "{\"combine_mchid\":\"1900000001\",\"combine_out_trade_no\":\"combine_1\",\"sub_orders\":[]}",
            combineJSON().replacing("\"total_amount\":60", with: "\"total_amount\":60.0"),
        ] {
            let client = try testClient(ScriptedTransport { _, _ in platform.answer(200, json) }, clock: platform.clock)
            #expect(await code { _ = try await client.combineTransactions.query(combineOutTradeNo: "combine_1") } == .malformed)
        }
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let message: String
        let change: @Sendable (inout CombineOrder) -> Void

        init(_ message: String, _ change: @escaping @Sendable (inout CombineOrder) -> Void) {
            self.message = message
            self.change = change
        }

        var testDescription: String { message }
    }

    static let refused: [Case] = [
        Case("combine_appid: 0 bytes, at least 1") { $0.combineAppid = "" },
        Case("combine_out_trade_no: 1 bytes, at least 2") { $0.combineOutTradeNo = "c" },
        Case("notify_url: must have no query and no fragment") { $0.notifyURL = "https://a/b?c" },
        Case("time_start: not a year of four digits") { $0.timeStart = Timestamp(milliseconds: .max) },
        Case("sub_orders: 0 orders, 1 to 50 are allowed") { $0.subOrders = [] },
        Case("sub_orders: 51 orders, 1 to 50 are allowed") { order in
            order.subOrders = (10...60).map {
                var sub = order.subOrders[0]
                sub.reference.outTradeNo = "\($0)"
                return sub
            }
        },
        Case("sub_orders: an out_trade_no occurs twice") { $0.subOrders[1].reference.outTradeNo = "sub_1" },
        Case("sub_orders[1].mchid: not 1 to 32 letters and digits") { $0.subOrders[1].reference.mchid = "" },
        Case("sub_orders[1].out_trade_no: 1 bytes, at least 2") { $0.subOrders[1].reference.outTradeNo = "1" },
        Case("sub_orders[1].sub_mchid: not 1 to 32 letters and digits") { $0.subOrders[1].reference.subMchid = "a b" },
        Case("sub_orders[1].attach: 0 bytes, at least 1") { $0.subOrders[1].attach = "" },
        Case("sub_orders[1].description: 129 bytes, at most 127") {
            $0.subOrders[1].description = String(repeating: "汉", count: 43)
        },
        Case("sub_orders[1].amount.total_amount: 0, at least 1") { $0.subOrders[1].amount = Money(fen: 0) },
        Case("sub_orders[1].settle_info.subsidy_amount: -1, at least 0") { $0.subOrders[1].settleInfo?.subsidyAmount = -1 },
    ]

    @Test("what WeChat would refuse is refused before it is sent", arguments: refused)
    func refuses(test: Case) async throws {
        var order = Self.order
        test.change(&order)
        let client = try testClient(neverCalled, clock: JumpingClock())
        let error = await failure { [order] in _ = try await client.combineTransactions.native(.init(order: order)) }
        #expect(error?.code == .invalidArgument && error?.message == test.message)
    }

    @Test("payer and scene are checked too, and the payment is signed in the name of the combined order's app")
    func rest() async throws {
        let orders = try testClient(neverCalled, clock: JumpingClock()).combineTransactions
        let noPayer = await failure { _ = try await orders.jsapi(.init(order: Self.order, payerOpenID: "")) }
        #expect(noPayer?.message == "combine_payer_info.openid: 0 bytes, at least 1")
        let scene = CombineSceneInfo(payerClientIP: "::1", deviceID: String(repeating: "d", count: 17))
        let longDevice = await failure { _ = try await orders.app(.init(order: Self.order, sceneInfo: scene)) }
        #expect(longDevice?.message == "scene_info.device_id: 17 bytes, at most 16")
        #expect(try orders.requestPaymentParameters(combineAppid: "wx1", prepayID: "p").package == "prepay_id=p")
        let app = try orders.appPaymentParameters(combineAppid: "wx1", prepayID: "p")
        #expect(app.appId == "wx1" && app.partnerId == "1900000001" && app.prepayId == "p")
    }
}
