import PaymentPrimitives
import Testing
import WeChatPaySandbox

@Suite("Every way to pay", .serialized)
struct PaymentMethodTests {
    /// A method, what its request says besides, and the member of `client` by which the payer pays.
    struct Row: Sendable, CustomTestStringConvertible {
        let method: String
        var more = ""
        let type: String
        let fields: [String]
        let target: @Sendable (WebAnswer) throws -> PaymentTarget

        var testDescription: String { method }
    }

    static let rows = [
        Row(method: "native", type: "code_url", fields: ["code_url"]) {
            .codeURL(try #require($0.string("client.code_url")))
        },
        Row(
            method: "h5", more: #","scene":{"payer_client_ip":"192.0.2.7","h5_info":{"type":"iOS","app_name":"茶"}}"#,
            type: "h5_url", fields: ["h5_url"]
        ) { .h5URL(try #require($0.string("client.h5_url"))) },
        Row(
            method: "app", type: "app",
            fields: ["appId", "nonceStr", "packageValue", "partnerId", "prepayId", "sign", "timeStamp"]
        ) { .prepayID(try #require($0.string("client.prepayId"))) },
    ]

    @Test("The order is placed, paid and booked", arguments: rows)
    func paid(_ row: Row) async throws {
        try await RunningSystem.run { system in
            let number = system.number()
            let made = try await system.createPayment(
                MadePayment.body(system, number, method: row.method, more: row.more), key: number)
            try #require(made.status == 201, "\(made.text)")
            #expect(made.string("client.type") == row.type)
            for field in row.fields { #expect(made.string("client.\(field)")?.isEmpty == false, "\(field)") }
            #expect(made.string("payment.state") == "pending")
            let report = try await system.sandbox.pay(row.target(made), openid: system.sandbox.users[1].openid)
            #expect(report.tradeState == .success, "\(report)")
            try await eventually("\(row.method) is booked") {
                try await system.rows.booked(outTradeNo: number).state == "paid"
            }
            let booked = try await system.rows.booked(outTradeNo: number)
            #expect(booked.transitions == ["created", "pending", "paid"])
            #expect(booked.ledger == [100, -100])
            let id = try #require(made.string("payment.id"))
            let found = try await system.web.get("/v1/payments/\(id)", token: system.apiKey)
            #expect(found.string("payment.payer.openid") == system.sandbox.users[1].openid)
        }
    }

    @Test("What a request tells WeChat besides reaches it, and the same again when the order is placed again")
    func options() async throws {
        try await RunningSystem.run { system in
            let more = """
                ,"openid":"\(system.sandbox.users[0].openid)","attach":"a1","scene":{"payer_client_ip":"192.0.2.7",\
                "device_id":"till 1"},"wechat":{"goods_tag":"WXG","limit_pay":["no_credit"],"support_fapiao":true,\
                "detail":{"cost_price":120,"goods_detail":[{"merchant_goods_id":"t1","quantity":2,"unit_price":60}]},\
                "settle_info":{"profit_sharing":false},"store_info":{"id":"s1","name":"店"}}
                """
            let body = MadePayment.body(system, system.number(), method: "jsapi", reference: "R1", more: more)
            system.network.fail("jsapi", .answerLost)
            #expect(try await system.createPayment(body, key: "k1").status == 503)
            system.network.heal()
            #expect(try await system.createPayment(body, key: "k1").status == 201)
            let sent = system.sandbox.requests().filter { $0.path.contains("jsapi") }.map(\.body)
            #expect(sent.count >= 2 && Set(sent).count == 1)
            let text = try #require(sent.first)
            for part in [
                #""goods_tag":"WXG""#, #""limit_pay":["no_credit"]"#, #""support_fapiao":true"#, #""cost_price":120"#,
                #""merchant_goods_id":"t1""#, #""profit_sharing":false"#, #""device_id":"till 1""#, #""name":"店""#,
                #""payer_client_ip":"192.0.2.7""#, #""attach":"a1""#,
            ] {
                #expect(text.contains(part), "\(part) in \(text)")
            }
        }
    }

    @Test("A field that is not known, or not for the method, is refused by its name")
    func refused() async throws {
        try await RunningSystem.run { system in
            let openid = #","openid":"\#(system.sandbox.users[0].openid)""#
            let rows: [(String, String, String)] = [
                ("jsapi", openid + #","scene":{"ip":"x"}"#, "scene.ip"),
                ("jsapi", openid + #","wechat":{"store_info":{"id":"a","nmae":"b"}}"#, "wechat.store_info.nmae"),
                (
                    "jsapi",
                    openid + #","wechat":{"device_id":"a"},"scene":{"payer_client_ip":"192.0.2.7","device_id":"b"}"#,
                    "wechat.device_id"
                ),
                ("jsapi", openid + #","auth_code":"130000000000000001""#, "auth_code"),
                ("native", openid, "openid"), ("h5", "", "scene.payer_client_ip"), ("codepay", "", "auth_code"),
                ("native", #","sub_mchid":"1900000101""#, "sub_mchid"), ("cheque", "", "method"),
                ("native", #","wechat":{"limit_pay":"no_credit"}"#, "-"),
                ("codepay", #","auth_code":130000000000000001,"scene":{"store_info":{"id":"A1"}}"#, "-"),
            ]
            for (method, more, field) in rows {
                let answer = try await system.createPayment(
                    MadePayment.body(system, system.number(), method: method, more: more), key: system.number())
                #expect(answer.status == 400, "\(method) \(more): \(answer.text)")
                #expect(answer.string("field") ?? "-" == field, "\(answer.text)")
                #expect(!answer.text.contains("130000000000000001"), "a code is repeated nowhere")
            }
            #expect(try await system.rows.integer("SELECT COUNT(*) FROM payments") == 0)
            #expect(!system.network.requests.contains { $0.hasPrefix("POST") })
        }
    }

    @Test("A native payment has a QR code for who may see it, as long as it can be paid")
    func code() async throws {
        try await RunningSystem.run { system in
            let made = try await system.createPayment(MadePayment.body(system, system.number(), method: "native"), key: "k1")
            let id = try #require(made.string("payment.id"))
            let code = try #require(made.string("client.code_url"))
            let svg = try await system.web.get("/v1/payments/\(id)/qr.svg", token: system.apiKey)
            #expect(svg.status == 200 && svg.header("Content-Type")?.hasPrefix("image/svg+xml") == true)
            #expect(svg.text.hasPrefix("<svg"))
            let png = try await system.web.get("/v1/payments/\(id)/qr.png", token: system.apiKey)
            #expect(png.status == 200 && png.header("Content-Type") == "image/png")
            #expect(png.body.prefix(4) == [0x89, 0x50, 0x4E, 0x47])
            #expect(try await system.web.get("/v1/payments/\(id)/qr.svg", token: system.strangerKey).status == 404)
            #expect(try await system.web.get("/v1/payments/\(id)/qr.svg").status == 401)
            let other = try await system.payment()
            #expect(try await system.web.get("/v1/payments/\(other.id)/qr.png", token: system.apiKey).status == 404)
            try await system.sandbox.pay(.codeURL(code), openid: system.sandbox.users[0].openid)
            try await eventually("it is paid") {
                try await system.web.get("/v1/payments/\(id)", token: system.apiKey).string("payment.state") == "paid"
            }
            #expect(try await system.web.get("/v1/payments/\(id)/qr.svg", token: system.apiKey).status == 409)
        }
    }
}
