import Foundation
import HTTPTypes
import Testing

@testable import WeChatPay

@Suite("Ways to pay")
struct PaymentMethodTests {
    /// A call, what WeChat answers, and what must have been sent.
    struct Call: CustomTestStringConvertible, Sendable {
        let name: String
        let path: String
        let answer: String
        let body: String
        let send: @Sendable (Client) async throws -> String

        var testDescription: String { name }
    }

    static let direct = "\"appid\":\"wx0000000000000001\",\"mchid\":\"1900000001\","
    static let partner = "\"sp_appid\":\"wxsp\",\"sp_mchid\":\"1900000001\",\"sub_mchid\":\"1900000009\","
    static let partnerWithApp = partner + "\"sub_appid\":\"wxsub\","
    static let scene = "\"scene_info\":\(SceneInfo.openJSON)}"
    static let h5Scene = "\"scene_info\":\(SceneInfo.openJSON),\"h5_info\":\(H5Info.sampleJSON)}"
    static let prepayID = "{\"prepay_id\":\"wx26112221580621e9b071c00d9e093b0000\"}"

    static let calls: [Call] = [
        Call(
            name: "JSAPI", path: "/v3/pay/transactions/jsapi", answer: prepayID,
            body: "{\(direct)\(PrepayOrder.fullJSON),\(scene),\"payer\":{\"openid\":\"o1\"}}"
        ) {
            try await $0.transactions.jsapi(
                JSAPIPrepayRequest(appid: "wx0000000000000001", order: .full, payerOpenID: "o1", sceneInfo: .sample)
            ).prepayID
        },
        Call(
            name: "app", path: "/v3/pay/transactions/app", answer: prepayID,
            body: "{\(direct)\(PrepayOrder.fullJSON),\(scene)}"
        ) {
            try await $0.transactions.app(AppPrepayRequest(appid: "wx0000000000000001", order: .full, sceneInfo: .sample))
                .prepayID
        },
        Call(
            name: "native", path: "/v3/pay/transactions/native", answer: "{\"code_url\":\"weixin://wxpay/bizpayurl?pr=p\"}",
            body: "{\(direct)\(PrepayOrder.fullJSON),\(scene)}"
        ) {
            try await $0.transactions.native(
                NativePrepayRequest(appid: "wx0000000000000001", order: .full, sceneInfo: .sample)
            ).codeURL
        },
        Call(
            name: "H5", path: "/v3/pay/transactions/h5", answer: "{\"h5_url\":\"https://wx.tenpay.com/m?prepay_id=wx1\"}",
            body: "{\(direct)\(PrepayOrder.fullJSON),\(h5Scene)}"
        ) {
            try await $0.transactions.h5(
                H5PrepayRequest(appid: "wx0000000000000001", order: .full, sceneInfo: .sample, h5Info: .sample)
            ).h5URL
        },
        Call(
            name: "JSAPI of a sub-merchant, payer of the service provider", path: "/v3/pay/partner/transactions/jsapi",
            answer: prepayID, body: "{\(partner)\(PrepayOrder.fullJSON),\"payer\":{\"sp_openid\":\"o1\"}}"
        ) {
            try await $0.partnerTransactions.jsapi(
                PartnerJSAPIPrepayRequest(spAppid: "wxsp", subMchid: "1900000009", order: .full, payer: .sp(openid: "o1"))
            ).prepayID
        },
        Call(
            name: "JSAPI of a sub-merchant, payer of its own", path: "/v3/pay/partner/transactions/jsapi", answer: prepayID,
            body: "{\(partnerWithApp)\(PrepayOrder.fullJSON),\"payer\":{\"sub_openid\":\"o1\"}}"
        ) {
            try await $0.partnerTransactions.jsapi(
                PartnerJSAPIPrepayRequest(
                    spAppid: "wxsp", subMchid: "1900000009", subAppid: "wxsub", order: .full, payer: .sub(openid: "o1"))
            ).prepayID
        },
        Call(
            name: "app of a sub-merchant", path: "/v3/pay/partner/transactions/app", answer: prepayID,
            body: "{\(partner)\(PrepayOrder.fullJSON)}"
        ) {
            try await $0.partnerTransactions.app(
                PartnerAppPrepayRequest(spAppid: "wxsp", subMchid: "1900000009", order: .full)
            ).prepayID
        },
        Call(
            name: "native of a sub-merchant", path: "/v3/pay/partner/transactions/native",
            answer: "{\"code_url\":\"weixin://x\"}", body: "{\(partnerWithApp)\(PrepayOrder.fullJSON)}"
        ) {
            try await $0.partnerTransactions.native(
                PartnerNativePrepayRequest(spAppid: "wxsp", subMchid: "1900000009", subAppid: "wxsub", order: .full)
            ).codeURL
        },
        Call(
            name: "H5 of a sub-merchant", path: "/v3/pay/partner/transactions/h5", answer: "{\"h5_url\":\"https://a/\"}",
            body: "{\(partner)\(PrepayOrder.fullJSON),\(h5Scene)}"
        ) {
            try await $0.partnerTransactions.h5(
                PartnerH5PrepayRequest(
                    spAppid: "wxsp", subMchid: "1900000009", order: .full, sceneInfo: .sample, h5Info: .sample)
            ).h5URL
        },
    ]

    @Test("each way to pay has its path, all fields under WeChat's names, and gives what the next step needs", arguments: calls)
    func prepay(call: Call) async throws {
        let platform = Platform(clock: JumpingClock())
        let transport = ScriptedTransport { _, _ in platform.answer(200, call.answer) }
        let result = try await call.send(try testClient(transport, clock: platform.clock))
        let answer = try #require(try jsonValue(call.answer).allValues.first as? String)
        #expect(result == answer)
        let request = try #require(transport.requests.first)
        #expect(transport.requests.count == 1)
        #expect(request.head.method == .post && request.head.path == call.path)
        #expect(request.head.headerFields[.authorization]?.contains("mchid=\"1900000001\"") == true)
        #expect(try jsonValue(request.body) == jsonValue(call.body))
        #expect(!String(decoding: request.body, as: UTF8.self).contains("null"))
    }

    @Test("an answer without what the next step needs is refused", arguments: calls)
    func emptyAnswer(call: Call) async throws {
        let platform = Platform(clock: JumpingClock())
        let name = try #require(try jsonValue(call.answer).allKeys.first as? String)
        for answer in ["{\"\(name)\":\"\"}", "{\"\(name)\":\"a\\nb\"}", "{}", "{\"\(name)\":null}"] {
            let transport = ScriptedTransport { _, _ in platform.answer(200, answer) }
            let error = await failure { _ = try await call.send(try testClient(transport, clock: platform.clock)) }
            #expect(error?.code == .malformed && error?.isVerified == true && error?.advice == .askForTheOrder)
        }
    }

    struct Refused: CustomTestStringConvertible, Sendable {
        let message: String
        let send: @Sendable (Client) async throws -> Void

        init(_ message: String, _ send: @escaping @Sendable (Client) async throws -> Void) {
            self.message = message
            self.send = send
        }

        var testDescription: String { message }
    }

    static let long = String(repeating: "x", count: 129)
    static let refused: [Refused] = [
        Refused("sub_appid: missing; payer.sub_openid is an openid under it") {
            _ = try await $0.partnerTransactions.jsapi(
                PartnerJSAPIPrepayRequest(spAppid: "wxsp", subMchid: "1", order: .sample, payer: .sub(openid: "o")))
        },
        Refused("payer.sp_openid: 0 bytes, at least 1") {
            _ = try await $0.partnerTransactions.jsapi(
                PartnerJSAPIPrepayRequest(spAppid: "wxsp", subMchid: "1", order: .sample, payer: .sp(openid: "")))
        },
        Refused("payer.sub_openid: 129 bytes, at most 128") {
            _ = try await $0.partnerTransactions.jsapi(
                PartnerJSAPIPrepayRequest(
                    spAppid: "wxsp", subMchid: "1", subAppid: "wxsub", order: .sample, payer: .sub(openid: long)))
        },
        Refused("sp_appid: 0 bytes, at least 1") {
            _ = try await $0.partnerTransactions.app(PartnerAppPrepayRequest(spAppid: "", subMchid: "1", order: .sample))
        },
        Refused("sub_appid: 129 bytes, at most 32") {
            _ = try await $0.partnerTransactions.app(
                PartnerAppPrepayRequest(spAppid: "wxsp", subMchid: "1", subAppid: long, order: .sample))
        },
        Refused("sub_mchid: not 1 to 32 letters and digits") {
            _ = try await $0.partnerTransactions.native(PartnerNativePrepayRequest(spAppid: "a", subMchid: "", order: .sample))
        },
        Refused("sub_mchid: not 1 to 32 letters and digits") {
            _ = try await $0.partnerTransactions.query(outTradeNo: "order_1234", subMchid: "1&sp_mchid=2")
        },
        Refused("sub_mchid: not 1 to 32 letters and digits") {
            try await $0.partnerTransactions.close(outTradeNo: "order_1234", subMchid: "1\"")
        },
        Refused("appid: 0 bytes, at least 1") {
            _ = try await $0.transactions.native(NativePrepayRequest(appid: "", order: .sample))
        },
        Refused("scene_info.payer_client_ip: 0 bytes, at least 1") {
            _ = try await $0.transactions.h5(
                H5PrepayRequest(appid: "a", order: .sample, sceneInfo: SceneInfo(payerClientIP: ""), h5Info: .sample))
        },
        Refused("scene_info.h5_info.type: 0 bytes, at least 1") {
            _ = try await $0.transactions.h5(
                H5PrepayRequest(appid: "a", order: .sample, sceneInfo: .sample, h5Info: H5Info(type: .init(rawValue: ""))))
        },
        Refused("scene_info.h5_info.app_url: 129 bytes, at most 128") {
            _ = try await $0.transactions.h5(
                H5PrepayRequest(appid: "a", order: .sample, sceneInfo: .sample, h5Info: H5Info(type: .wap, appURL: long)))
        },
        Refused("out_trade_no: 5 bytes, at least 6") { try await $0.transactions.close(outTradeNo: "12345") },
        Refused("out_trade_no: 5 bytes, at least 6") { try await $0.transactions.reverse(appid: "a", outTradeNo: "12345") },
        Refused("transaction_id: not 1 to 32 letters and digits") {
            _ = try await $0.partnerTransactions.query(transactionID: "a/b", subMchid: "1")
        },
    ]

    @Test("what WeChat would refuse is refused before it is sent, for every way to pay", arguments: refused)
    func refuses(test: Refused) async throws {
        let client = try testClient(neverCalled, clock: JumpingClock())
        let error = await failure { try await test.send(client) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message == test.message)
    }

    @Test("a sub-merchant's order is asked for and closed with both numbers, and read whole")
    func partnerOrder() async throws {
        let platform = Platform(clock: JumpingClock())
        let transport = ScriptedTransport { request, _ in
            request.head.method == .get ? platform.answer(200, partnerOrderJSON("a|b*c1")) : platform.answer(204, "")
        }
        let orders = try testClient(transport, clock: platform.clock).partnerTransactions
        let order = try await orders.query(outTradeNo: "a|b*c1", subMchid: "1900000009")
        _ = try await orders.query(transactionID: "4200000000202311150000000001", subMchid: "1900000009")
        try await orders.close(outTradeNo: "a|b*c1", subMchid: "1900000009")
        #expect(
            transport.paths == [
                "/v3/pay/partner/transactions/out-trade-no/a%7Cb%2Ac1?sp_mchid=1900000001&sub_mchid=1900000009",
                "/v3/pay/partner/transactions/id/4200000000202311150000000001?sp_mchid=1900000001&sub_mchid=1900000009",
                "/v3/pay/partner/transactions/out-trade-no/a%7Cb%2Ac1/close",
            ])
        #expect(try jsonValue(transport.requests[2].body) == ["sp_mchid": "1900000001", "sub_mchid": "1900000009"])
        #expect(order.spAppid == "wxsp" && order.spMchid == "1900000001")
        #expect(order.subAppid == "wxsub" && order.subMchid == "1900000009")
        #expect(order.payer?.spOpenID == "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" && order.payer?.subOpenID == "oSub_whole_openid")
        #expect(order.tradeState == .success && order.amount?.totalMoney == Money(fen: 100))
        #expect(order.transactionID == "4200000000202311150000000001")
    }

    @Test("an answer about another order, service provider or sub-merchant is refused")
    func otherPartnerOrder() async throws {
        let platform = Platform(clock: JumpingClock())
        let answers = [
            partnerOrderJSON("order_9999"), partnerOrderJSON().replacing("1900000001", with: "1900000002"),
            partnerOrderJSON().replacing("1900000009", with: "1900000008"), orderJSON(),
        ]
        for answer in answers {
            let orders = try testClient(ScriptedTransport { _, _ in platform.answer(200, answer) }, clock: platform.clock)
                .partnerTransactions
            let error = await failure { _ = try await orders.query(outTradeNo: "order_1234", subMchid: "1900000009") }
            #expect(error?.code == .malformed && error?.isVerified == true)
        }
        let direct = try testClient(ScriptedTransport { _, _ in platform.answer(200, partnerOrderJSON()) }, clock: platform.clock)
        #expect(await code { _ = try await direct.transactions.query(outTradeNo: "order_1234") } == .malformed)
    }

    @Test("partner orders and requests show no whole openid and no payer's code")
    func secrecy() throws {
        func texts(_ value: some Any) -> String { "\(value) \(String(reflecting: value)) \(dumped(value)) \(dumped([value]))" }
        let order = try PartnerTransaction(json: Array(partnerOrderJSON().utf8))
        let request = PartnerJSAPIPrepayRequest(
            spAppid: "a", subMchid: "1", subAppid: "b", order: .sample, payer: .sub(openid: "oSub_whole_openid"))
        for text in [texts(order), texts(request), texts(CodePayRequest.sample), texts(PartnerCodePayRequest.sample)] {
            #expect(!text.contains("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o") && !text.contains("oSub_whole_openid"))
            #expect(!text.contains("130061098828009406"))
            #expect(text.contains("order_1234"))
        }
    }
}
