import PaymentPrimitives
import Testing

@testable import WeChatPaySandbox

@Suite("A service provider's orders")
struct PartnerTests {
    private static let path = "/v3/pay/partner/transactions"
    private static let second = SandboxUser(openid: "oBuyerOfSubMerchant", appid: "wx0000000000000102", balanceFen: 500)

    private func order(_ caller: Caller, _ changes: [String: JSONValue?] = [:]) -> JSONValue {
        var all: [String: JSONValue?] = [
            "appid": nil, "mchid": nil, "sp_appid": .string(caller.merchant.appid),
            "sp_mchid": .string(caller.merchant.mchid), "sub_mchid": "1900000101",
            "payer": .record(("sp_openid", .string(caller.openid))),
        ]
        all.merge(changes) { $1 }
        return caller.order("ORDER0001", all)
    }

    private func prepay(_ caller: Caller, _ changes: [String: JSONValue?] = [:]) async throws -> Caller.Reply {
        try await caller.send("POST", Self.path + "/jsapi", order(caller, changes).json)
    }

    private func query(_ caller: Caller, sub: String = "1900000101") async throws -> Caller.Reply {
        try await caller.send("GET", "\(Self.path)/out-trade-no/ORDER0001?sp_mchid=1900000003&sub_mchid=\(sub)")
    }

    @Test("A purchase names both merchants, in the query and in the notification, which goes to the provider")
    func purchase() async throws {
        let caller = try makeSandbox(merchant: 2, strict: true)
        let id = try #require(try await prepay(caller).json["prepay_id"]?.string)
        #expect(try await prepay(caller).status == 200)
        try await caller.sandbox.pay(.prepayID(id), openid: caller.openid)
        let paid = try await query(caller).json
        #expect(paid["sp_appid"]?.string == "wx0000000000000003")
        #expect(paid["sp_mchid"]?.string == "1900000003")
        #expect(paid["sub_mchid"]?.string == "1900000101")
        #expect(paid["payer"] == .record(("sp_openid", .string(caller.openid))))
        for name in ["appid", "mchid", "sub_appid"] { #expect(paid[name] == nil, "\(name)") }
        let transaction = try #require(paid["transaction_id"]?.string)
        let byID = "\(Self.path)/id/\(transaction)?sp_mchid=1900000003&sub_mchid="
        #expect(try await caller.send("GET", byID + "1900000101").json == paid)
        #expect(try await caller.send("GET", byID + "1900000102").code == "NO_AUTH")
        let delivery = try #require(caller.sandbox.deliveries(outTradeNo: "ORDER0001").first)
        #expect(delivery.mchid == "1900000003")
        #expect(try caller.resource(of: delivery) == paid)
    }

    @Test("A sub-merchant's own app: sub_openid names its user, and the provider sees an openid of its own")
    func subApp() async throws {
        let caller = try makeSandbox(merchant: 2)
        try caller.sandbox.addUser(Self.second)
        let changes: [String: JSONValue?] = [
            "sub_mchid": "1900000102", "sub_appid": "wx0000000000000102",
            "payer": .record(("sub_openid", .string(Self.second.openid))),
        ]
        let id = try #require(try await prepay(caller, changes).json["prepay_id"]?.string)
        #expect(try await caller.sandbox.pay(.prepayID(id), openid: caller.openid).reason?.contains("不一致") == true)
        try await caller.sandbox.pay(.prepayID(id), openid: Self.second.openid)
        let paid = try await query(caller, sub: "1900000102").json
        #expect(paid["sub_appid"]?.string == "wx0000000000000102")
        #expect(paid["payer"]?["sub_openid"]?.string == Self.second.openid)
        #expect(paid["payer"]?["sp_openid"]?.string == Self.second.openid(in: "wx0000000000000003"))
        #expect(try await query(caller).code == "ORDER_NOT_EXIST")
    }

    @Test(
        "Who is not who is refused",
        arguments: [
            (["sp_mchid": "1900000001"], "PARAM_ERROR", "不匹配"),
            (["sp_appid": "wx0000000000000001"], "APPID_MCHID_NOT_MATCH", "appid"),
            (["sub_mchid": "1900000999"], "NO_AUTH", "受理关系"), (["sub_mchid": nil], "PARAM_ERROR", "必填"),
            (["sub_appid": "wx0000000000000102"], "APPID_MCHID_NOT_MATCH", "sub_appid"),
            (["payer": .record(("openid", "oSandboxBuyer000000000000004"))], "PARAM_ERROR", "其中之一"),
            (["payer": .record(("sp_openid", "oSandboxBuyer000000000000001"))], "PARAM_ERROR", "无效的openid"),
            (["payer": .record(("sub_openid", "oSandboxBuyer000000000000004"))], "PARAM_ERROR", "sub_appid为必填"),
        ] as [([String: JSONValue?], String, String)])
    func refusals(_ changes: [String: JSONValue?], _ code: String, _ text: String) async throws {
        let caller = try makeSandbox(merchant: 2)
        let reply = try await prepay(caller, changes)
        #expect(reply.code == code, "\(reply.body)")
        #expect(reply.message?.contains(text) == true, "\(reply.body)")
        #expect(caller.sandbox.order(mchid: "1900000003", outTradeNo: "ORDER0001") == nil)
    }

    @Test("A number is unique among all sub-merchants; a direct merchant has none of these calls")
    func numbers() async throws {
        let caller = try makeSandbox(merchant: 2)
        #expect(try await prepay(caller).status == 200)
        let other = try await prepay(caller, ["sub_mchid": "1900000102"])
        #expect(other.message == "请求重入时，参数与首次请求时不一致")
        let direct = try makeSandbox()
        let body = order(direct, ["sub_mchid": "1900000101"]).json
        let reply = try await direct.send("POST", Self.path + "/jsapi", body)
        #expect((reply.status, reply.code, reply.message) == (400, "PARAM_ERROR", "普通商户不允许传sub_mch_id"))
    }

    @Test("Every other way of paying, closing and reversing work for a service provider too")
    func others() async throws {
        let caller = try makeSandbox(merchant: 2)
        let native = try await caller.send("POST", Self.path + "/native", order(caller, ["payer": nil]).json)
        #expect(native.json["code_url"]?.string != nil)
        let merchants = "{\"sp_mchid\":\"1900000003\",\"sub_mchid\":\"1900000101\"}"
        let strangers = "{\"sp_mchid\":\"1900000003\",\"sub_mchid\":\"1900000102\"}"
        let close = Self.path + "/out-trade-no/ORDER0001/close"
        #expect(try await caller.send("POST", close, strangers).code == "ORDER_NOT_EXIST")
        #expect(try await caller.send("POST", close, merchants).status == 204)
        #expect(try await query(caller).json["trade_state"]?.string == "CLOSED")
        let code = try caller.sandbox.authCode(openid: caller.openid)
        let charge = order(
            caller,
            [
                "out_trade_no": "ORDER0002", "notify_url": nil, "payer": .record(("auth_code", .string(code))),
                "scene_info": .record(("store_info", .record(("out_id", "7")))),
            ])
        let paid = try await caller.send("POST", Self.path + "/codepay", charge.json)
        #expect(paid.json["trade_state"]?.string == "SUCCESS", "\(paid.body)")
        let reversed = try await caller.send("POST", Self.path + "/out-trade-no/ORDER0002/reverse", merchants)
        #expect(
            reversed.json
                == .record(
                    ("sp_appid", "wx0000000000000003"), ("sp_mchid", "1900000003"), ("sub_mchid", "1900000101"),
                    ("out_trade_no", "ORDER0002")))
    }
}
