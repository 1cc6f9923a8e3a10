import PaymentPrimitives
import Testing
import WeChatPaySandbox

@Suite("The shop is paid in every way", .serialized)
struct ShopMethodTests {
    private func order(_ method: String, more: String = "") -> String {
        #"{"items":[{"sku":"apple","quantity":2}],"method":"\#(method)"\#(more)}"#
    }

    private func shopOrder(_ answer: WebAnswer) throws -> ShopOrder {
        ShopOrder(
            id: try #require(answer.string("order.id")), outTradeNo: try #require(answer.string("order.out_trade_no")),
            prepayID: "")
    }

    @Test("A browser, an app and a QR code end in a fulfilled order", arguments: ["h5", "app", "native"])
    func waiting(_ method: String) async throws {
        try await RunningSystem.run { system in
            let buyer = try await Buyer(system)
            let answer = try await buyer.order(order(method))
            try #require(answer.status == 201, "\(answer.text)")
            let order = try shopOrder(answer)
            let target: PaymentTarget =
                switch method {
                case "h5": .h5URL(try #require(answer.string("client.h5_url")))
                case "app": .prepayID(try #require(answer.string("client.prepayId")))
                default: .codeURL(try #require(answer.string("client.code_url")))
                }
            if method == "native" {
                let svg = try await system.web.get("/shop/orders/\(order.id)/qr.svg", token: buyer.token)
                #expect(svg.status == 200 && svg.text.hasPrefix("<svg"))
                let stranger = try await Buyer(system, user: 1)
                #expect(try await system.web.get("/shop/orders/\(order.id)/qr.png", token: stranger.token).status == 404)
                #expect(try await system.web.get("/shop/orders/\(order.id)/qr.png").status == 401)
            } else {
                #expect(try await system.web.get("/shop/orders/\(order.id)/qr.png", token: buyer.token).status == 404)
            }
            try await system.sandbox.pay(target, openid: buyer.openid)
            try await buyer.expectFulfilledOnce(order)
        }
    }

    @Test("WeChat hears the address of the connection, whatever the request says of itself")
    func address() async throws {
        try await RunningSystem.run { system in
            let buyer = try await Buyer(system)
            let answer = try await system.web.post(
                "/shop/orders", order("h5"), token: buyer.token, headers: [("X-Forwarded-For", "198.51.100.7")])
            #expect(answer.status == 201)
            let sent = try #require(system.sandbox.requests().last { $0.path.contains("h5") })
            #expect(sent.body.contains(#""payer_client_ip":"127.0.0.1""#))
        }
    }

    @Test("A code that the buyer shows is charged, and an order without one is not put down")
    func code() async throws {
        try await RunningSystem.run { system in
            let buyer = try await Buyer(system)
            for more in ["", #","auth_code":"12345""#, #","auth_code":"990000000000000000""#] {
                #expect(try await buyer.order(order("codepay", more: more)).status == 400)
            }
            #expect(try await system.rows.integer("SELECT COUNT(*) FROM shop_orders") == 0)
            let code = try system.sandbox.authCode(openid: buyer.openid)
            let answer = try await buyer.order(order("codepay", more: #","auth_code":"\#(code)""#))
            #expect(answer.status == 201 && !answer.has("client"), "\(answer.text)")
            try await buyer.expectFulfilledOnce(try shopOrder(answer), transitions: ["created", "paid"])
        }
    }

    @Test("A shop that is no till charges no code, whoever shows it, and nothing is put down or closed")
    func noTill() async throws {
        try await RunningSystem.run(.init(till: false)) { system in
            let buyer = try await Buyer(system)
            let stranger = try system.sandbox.authCode(openid: system.sandbox.users[1].openid)
            let waiting = try await buyer.openOrder()
            let code = #","auth_code":"\#(stranger)""#
            for answer in [
                try await buyer.order(order("codepay", more: code)),
                try await buyer.call(waiting.id, "pay", #"{"method":"codepay"\#(code)}"#),
            ] {
                #expect(answer.status == 400 && answer.string("code") == "invalid_request", "\(answer.text)")
                #expect(answer.string("field") == "method")
            }
            #expect(system.network.count("codepay") == 0 && system.network.count("close") == 0)
            #expect(try await system.rows.integer("SELECT COUNT(*) FROM shop_orders") == 1)
            try await buyer.pay(waiting)
            try await buyer.expectFulfilledOnce(waiting)
        }
    }

    @Test("Who changes the way of paying has the first one closed at WeChat, unless it was paid")
    func change() async throws {
        try await RunningSystem.run { system in
            let buyer = try await Buyer(system)
            let first = try await buyer.order(order("native"))
            let id = try #require(first.string("order.id"))
            let second = try await buyer.call(id, "pay", #"{"method":"mini_program"}"#)
            #expect(second.status == 200 && second.string("client.type") == "request_payment", "\(second.text)")
            let known = system.sandbox.order(
                mchid: system.merchant.mchid, outTradeNo: try #require(first.string("order.out_trade_no")))
            #expect(known?.tradeState == .closed)
            system.loseNotifications()
            let prepay = String(try #require(second.string("client.package")).dropFirst("prepay_id=".count))
            try await system.sandbox.pay(.prepayID(prepay), openid: buyer.openid)
            let third = try await buyer.call(id, "pay", #"{"method":"native"}"#)
            #expect(third.status == 200 && !third.has("client"), "\(third.text)")
            try await eventually("it is fulfilled") {
                try await system.web.get("/shop/orders/\(id)", token: buyer.token).string("order.state") == "fulfilled"
            }
            #expect(try await system.rows.integer("SELECT COUNT(*) FROM payments") == 2)
        }
    }
}
