import PaymentPrimitives
import Testing
import WeChatPaySandbox

@Suite("A service provider and its sub-merchants", .serialized)
struct ProviderTests {
    static var options: RunningSystem.Options {
        var options = RunningSystem.Options()
        options.provider = true
        return options
    }

    static func body(
        _ system: RunningSystem, _ number: String, sub: String?, method: String = "native", more: String = ""
    ) -> String {
        let sub = sub.map { #","sub_mchid":"\#($0)""# } ?? ""
        return """
            {"merchant":"provider","appid":"\(system.sandbox.merchants[2].appid)","method":"\(method)",\
            "amount":{"total":100},"description":"茶","out_trade_no":"\(number)"\(sub)\(more)}
            """
    }

    @Test(
        "Every method places a sub-merchant's order, and the money is found",
        arguments: ["native", "h5", "app", "jsapi", "codepay"])
    func methods(_ method: String) async throws {
        try await RunningSystem.run(Self.options) { system in
            let provider = system.sandbox.merchants[2]
            let openid = try #require(system.sandbox.users.first { $0.appid == provider.appid }).openid
            let more =
                switch method {
                case "h5": #","scene":{"payer_client_ip":"192.0.2.7"}"#
                case "jsapi": #","openid":"\#(openid)""#
                case "codepay":
                    #","auth_code":"\#(try system.sandbox.authCode(openid: openid))","scene":{"store_info":{"id":"A1"}}"#
                default: ""
                }
            let number = system.number()
            let made = try await system.createPayment(
                Self.body(system, number, sub: "1900000101", method: method, more: more), key: number,
                token: system.providerKey)
            try #require(made.status == 201, "\(made.text)")
            #expect(made.string("payment.sub_mchid") == "1900000101")
            let id = try #require(made.string("payment.id"))
            if method == "app" { #expect(made.string("client.partnerId") == provider.mchid) }
            if method == "app" { system.loseNotifications() }
            if method != "codepay" {
                try await system.sandbox.pay(.outTradeNo(number, mchid: provider.mchid), openid: openid)
                // By its notification, and for one of them by asking alone.
                if method == "app" {
                    let synced = try await system.web.post("/v1/payments/\(id)/sync", token: system.providerKey)
                    #expect(synced.string("payment.state") == "paid", "\(synced.text)")
                }
                try await eventually("it is booked") { try await system.rows.booked(outTradeNo: number).state == "paid" }
            }
            let booked = try await system.rows.booked(outTradeNo: number)
            #expect(booked.state == "paid" && booked.ledger == [100, -100])
        }
    }

    @Test("A sub-merchant must be named, and be one of the provider's")
    func required() async throws {
        try await RunningSystem.run(Self.options) { system in
            for (sub, key, status) in [
                (nil, system.providerKey, 400), ("1900000999", system.providerKey, 400), (nil, system.subMerchantKey, 400),
                ("1900000999", system.subMerchantKey, 404), ("1900000102", system.subMerchantKey, 404),
                ("1900000101", system.apiKey, 404), ("1900000101", system.subMerchantKey, 201),
            ] as [(String?, String, Int)] {
                let answer = try await system.createPayment(
                    Self.body(system, system.number(), sub: sub), key: system.number(), token: key)
                #expect(answer.status == status, "\(sub ?? "-"): \(answer.text)")
            }
            #expect(try await system.rows.integer("SELECT COUNT(*) FROM payments") == 1)
        }
    }

    @Test("A client of one sub-merchant sees nothing of another's: not in lists, in events or by number")
    func closedDoors() async throws {
        try await RunningSystem.run(Self.options) { system in
            func make(_ sub: String, key: String) async throws -> (id: String, number: String) {
                let number = system.number()
                let body = Self.body(system, number, sub: sub, more: #","reference":"R1""#)
                let made = try await system.createPayment(body, key: key, token: system.providerKey)
                try #require(made.status == 201, "\(made.text)")
                return (try #require(made.string("payment.id")), number)
            }
            // The same reference twice: each sub-merchant has its own.
            let own = try await make("1900000101", key: "k1")
            let other = try await make("1900000102", key: "k2")
            for (path, isPost) in [("", false), ("/timeline", false), ("/qr.svg", false), ("/sync", true), ("/close", true)] {
                for (id, status) in [(own.id, 200), (other.id, 404)] where path != "/close" || id == other.id {
                    let url = "/v1/payments/\(id)\(path)"
                    let answer =
                        isPost
                        ? try await system.web.post(url, token: system.subMerchantKey)
                        : try await system.web.get(url, token: system.subMerchantKey)
                    #expect(answer.status == status, "\(url): \(answer.text)")
                }
            }
            for query in ["", "?merchant=provider", "?reference=R1", "?state=pending"] {
                let list = try await system.web.get("/v1/payments\(query)", token: system.subMerchantKey)
                #expect(list.count("payments") == 1 && list.string("payments.0.id") == own.id, "\(list.text)")
            }
            #expect(
                try await system.web.get("/v1/payments?out_trade_no=\(other.number)", token: system.subMerchantKey)
                    .count("payments") == 0)
            #expect(try await system.web.get("/v1/payments", token: system.providerKey).count("payments") == 2)
            for (filter, key, ids) in [
                ("1900000101", system.providerKey, [own.id]), ("1900000102", system.providerKey, [other.id]),
                ("1900000999", system.providerKey, []), ("1900000102", system.subMerchantKey, []),
            ] {
                let list = try await system.web.get("/v1/payments?sub_mchid=\(filter)", token: key)
                #expect(list.count("payments") == ids.count && list.string("payments.0.id") == ids.first, "\(list.text)")
            }
            // A number is used once at the provider, whoever used it; nothing else is told.
            let taken = try await system.createPayment(
                Self.body(system, other.number, sub: "1900000101"), key: "k3", token: system.subMerchantKey)
            #expect(taken.status == 409 && !taken.text.contains(other.id), "\(taken.text)")
            for payment in [own, other] {
                #expect(
                    try await system.web.post("/v1/payments/\(payment.id)/close", token: system.providerKey)
                        .string("payment.state") == "closed")
            }
            try await system.advance(by: 3)
            try await eventually("both events are published") {
                try await system.web.get("/v1/events", token: system.providerKey).count("events") == 2
            }
            let events = try await system.web.get("/v1/events", token: system.subMerchantKey)
            #expect(events.count("events") == 1 && events.string("events.0.data.id") == own.id, "\(events.text)")
        }
    }
}
