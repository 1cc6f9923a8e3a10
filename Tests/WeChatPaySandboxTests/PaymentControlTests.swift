import HTTPTypes
import PaymentPrimitives
import Testing
import WeChatPay

@testable import WeChatPaySandbox

@Suite("The control calls of the person with the phone")
struct PaymentControlTests {
    private func control(
        _ caller: Caller, _ method: HTTPRequest.Method, _ path: String, _ body: JSONValue = .object([])
    ) async -> (status: Int, body: JSONValue) {
        await ControlAPI(sandbox: caller.sandbox).respond(
            to: TransportRequest(
                head: HTTPRequest(method: method, scheme: "http", authority: "127.0.0.1:8100", path: "/_sandbox/" + path),
                body: body.serialised()))
    }

    @Test("An order is paid by its code_url, its h5_url, its prepay_id or its number")
    func targets() async throws {
        let caller = try makeSandbox()
        let native = try await caller.prepay(.native, "ORDER0001").json
        let h5 = try await caller.prepay(.h5, "ORDER0002").json
        let app = try await caller.prepay(.app, "ORDER0003").json
        try await caller.prepay(.jsapi, "ORDER0004")
        let openid = JSONValue.string(caller.openid)
        let targets = [native, h5, app, .record(("out_trade_no", "ORDER0004"), ("mchid", "1900000001"))]
        let heard: [(String?, Int64?)] = [(nil, nil), (nil, nil), (nil, 0), ("requestPayment:ok", nil)]
        for (target, (errMsg, errCode)) in zip(targets, heard) {
            let failed = await control(
                caller, .post, "pay", target.setting("openid", to: openid).setting("outcome", to: "cancel")
            ).body
            #expect(failed["reason"]?.string == "cancel")
            #expect(failed["err_code"]?.int64 == errCode.map { _ in -2 })
            let paid = await control(caller, .post, "pay", target.setting("openid", to: openid))
            #expect(paid.status == 200, "\(paid.body)")
            #expect(paid.body["trade_state"]?.string == "SUCCESS")
            #expect(paid.body["err_msg"]?.string == errMsg)
            #expect(paid.body["err_code"]?.int64 == errCode)
        }
        for number in 1...4 {
            let order = await control(caller, .get, "orders/1900000001/ORDER000\(number)").body
            #expect(order["payer"]?["openid"]?.string == caller.openid)
        }
    }

    @Test("A payment code, its password, a new user and a coupon")
    func person() async throws {
        let caller = try makeSandbox()
        let user = JSONValue.record(("openid", "oNew"), ("appid", .string(caller.merchant.appid)), ("balance_fen", .integer(90)))
        #expect(await control(caller, .post, "users", user).body == user)
        #expect(await control(caller, .post, "users", user).status == 400)
        let coupon = JSONValue.record(
            ("openid", "oNew"), ("amount_fen", .integer(10)), ("type", "CASH"), ("name", "立减"), ("minimum_fen", .integer(100)),
            ("goods_tag", "TEA"))
        let given = await control(caller, .post, "coupons", coupon).body
        #expect(given["coupon_id"]?.string == caller.sandbox.coupons().first?.couponID)
        for (name, value) in coupon.members?.map({ ($0.name, $0.value) }) ?? [] { #expect(given[name] == value, "\(name)") }
        let ask = JSONValue.record(("openid", "oNew"), ("password", true))
        let code = try #require(await control(caller, .post, "auth-code", ask).body["auth_code"]?.string)
        #expect(try await caller.codePay(code, "ORDER0001", ["goods_tag": "TEA"]).status == 202)
        let confirm = JSONValue.record(("out_trade_no", "ORDER0001"), ("mchid", "1900000001"), ("outcome", "success"))
        let confirmed = await control(caller, .post, "confirm-code", confirm)
        #expect(confirmed.body["trade_state"]?.string == "SUCCESS", "\(confirmed.body)")
        let order = await control(caller, .get, "orders/1900000001/ORDER0001").body
        #expect(order["amount"]?["payer_total"]?.int64 == 90)
        #expect(order["coupons"]?.array?.first?["type"]?.string == "CASH")
        #expect(await control(caller, .post, "confirm-code", confirm).status == 400)
    }

    @Test(
        "A call that is wrong says what is wrong",
        arguments: [
            ("auth-code", .record(("openid", "oNobody")), 404, "openid"),
            ("auth-code", .record(("openid", "oNobody"), ("password", "yes")), 400, "password"),
            ("confirm-code", .record(("out_trade_no", "ORDER0001")), 400, "mchid"),
            ("confirm-code", .record(("out_trade_no", "ORDER0001"), ("mchid", "1")), 404, "ORDER0001"),
            ("coupons", .record(("openid", "oNobody"), ("type", "GIFT")), 400, "CASH or NOCASH"),
            ("coupons", .record(("openid", "oNobody"), ("type", "CASH")), 400, "amount_fen"),
            ("users", .record(("openid", "oNew"), ("appid", "wx9")), 404, "wx9"),
            ("users", .record(("openid", "oNew"), ("appid", "wx0000000000000001"), ("balance_fen", "1")), 400, "balance_fen"),
            ("pay", .record(("code_url", .number("1")), ("openid", "oNobody")), 400, "code_url"),
        ] as [(String, JSONValue, Int, String)])
    func mistakes(_ path: String, _ body: JSONValue, _ status: Int, _ text: String) async throws {
        let answer = await control(try makeSandbox(), .post, path, body)
        #expect(answer.status == status)
        #expect(answer.body["message"]?.string?.contains(text) == true, "\(answer.body)")
    }

    @Test("Every control call that is named exists")
    func named() async throws {
        let caller = try makeSandbox()
        for call in ControlAPI.calls {
            let words = call.split(separator: " ")
            let method = try #require(HTTPRequest.Method(rawValue: String(words[0])))
            let path = words[1].dropFirst("/_sandbox/".count).prefix { $0 != "?" }
            let answer = await control(caller, method, String(path))
            #expect(answer.body["message"]?.string?.contains("no control call") != true, "\(call)")
        }
    }
}
