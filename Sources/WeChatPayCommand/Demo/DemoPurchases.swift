import PaymentPrimitives
import WeChatPaySandbox

/// The walk that `wechatpay demo` takes, over HTTP as a mini-program, a browser, a till and a back office would: purchases,
/// and with all of them refunds and the bill of the day. Each step checks what it left behind.
struct DemoPurchases: Sendable {
    let console: Console
    let http = DemoHTTP()
    let sandboxURL: String
    let serverURL: String
    let merchant: SandboxMerchant
    let openid: String
    let apiKey: Secret

    /// A purchase: what, how many, how.
    private struct Purchase {
        let method: String
        let title: (String, String)
        let items: [[String: any Sendable]]
        let total: Int64
        /// Whether the phone asks for the password of a code payment.
        var asksPassword = false
    }

    /// What a purchase left behind.
    struct Bought: Sendable {
        let paymentID: String
        let outTradeNo: String
        let total: Int64
    }

    private static let purchases = [
        Purchase(
            method: "mini_program", title: ("Mini-program payment, one test item", "小程序支付：支付测试一份"),
            items: [["sku": "pay-test", "quantity": 1]], total: 2),
        Purchase(
            method: "jsapi", title: ("In an official account's page (JSAPI), apples and tea", "公众号内 JSAPI 支付：苹果与茶"),
            items: [["sku": "apple", "quantity": 2], ["sku": "tea", "quantity": 1]], total: 2 * 1280 + 6800),
        Purchase(
            method: "native", title: ("A QR code at the counter (Native), tea", "柜台二维码 Native 支付：茶"),
            items: [["sku": "tea", "quantity": 1]], total: 6800),
        Purchase(
            method: "h5", title: ("In a phone's browser (H5), a notebook", "手机浏览器 H5 支付：笔记本"),
            items: [["sku": "notebook", "quantity": 1]], total: 3590),
        Purchase(
            method: "app", title: ("From another app (APP), apples", "APP 支付：苹果"),
            items: [["sku": "apple", "quantity": 3]], total: 3 * 1280),
        Purchase(
            method: "codepay", title: ("The buyer's code at the till (codepay), with a password", "付款码支付：收银台扫码，需输入密码"),
            items: [["sku": "tea", "quantity": 2]], total: 2 * 6800, asksPassword: true),
    ]

    /// Makes the first purchase; or one with each method, then the refunds and the bill. Says whether all ended as it should.
    func run(all: Bool) async -> Bool {
        do {
            let started = try await DemoBill.businessTime(at: sandboxURL, http)
            var bought: [String: Bought] = [:]
            for purchase in all ? Self.purchases : Array(Self.purchases.prefix(1)) {
                console.say("\n\(purchase.title.0)", "\n\(purchase.title.1)")
                bought[purchase.method] = try await buy(purchase)
            }
            if all {
                let refunded = try await DemoRefunds(walk: self).run(whole: bought["app"], parts: bought["jsapi"])
                try await DemoBill(walk: self).run(started: started, payments: Array(bought.values), refunded: refunded)
            }
        } catch {
            console.outcome(ok: false, detail: "\(error)")
            return false
        }
        console.outcome(
            ok: true,
            detail: all
                ? console.texts(
                    "Bought with every method, refunded, billed: orders, payments, ledger and bill agree with WeChat.",
                    "各种支付方式均已完成，已退款，已出账单：订单、支付、账本与账单均与微信一致。")
                : console.texts(
                    "Paid, booked and fulfilled: order, payment, events and ledger agree with WeChat.",
                    "已支付、已入账、已发货：订单、支付、事件与账本均与微信一致。"))
        return true
    }

    /// The key of `/v1`, for the header.
    var key: String { apiKey.withBytes { String(decoding: $0, as: UTF8.self) } }

    private func buy(_ purchase: Purchase) async throws -> Bought {
        let steps = DemoSteps(purchase.method, console)
        let login = try await steps.run("wx.login", ("wx.login", "wx.login 登录")) {
            let answer = try await http.post(
                sandboxURL + "/_sandbox/login-code", ["appid": merchant.appid, "openid": openid])
            let session = try await http.post(serverURL + "/shop/login", ["code": answer.text("code")])
            return (try session.text("token"), "code → jscode2session → \(console.texts("session token", "会话令牌"))")
        }
        var order: [String: any Sendable] = ["items": purchase.items, "method": purchase.method]
        if purchase.method == "codepay" {
            order["auth_code"] = try await steps.run("auth_code", ("The code on the phone", "出示付款码")) {
                let answer = try await http.post(
                    sandboxURL + "/_sandbox/auth-code", ["openid": openid, "password": purchase.asksPassword])
                let code = try answer.text("auth_code")
                return (code, code.prefix(6) + "…")
            }
        }
        let body = order
        let created = try await steps.run("order", ("Order", "下单")) {
            let answer = try await http.post(serverURL + "/shop/orders", body, token: login)
            let total = try answer.at("order", "amount").integer("total")
            try demoRequire(total == purchase.total, "the order's total is \(total) fen, expected \(purchase.total)")
            return (
                answer, "\(Money(fen: total).yuan) \(console.texts("yuan", "元")), \(try Self.handedOff(answer, purchase.method))"
            )
        }
        let (id, number) = (try created.at("order").text("id"), try created.at("order").text("out_trade_no"))
        try await pay(purchase, created, number, steps)
        _ = try await steps.run("fulfilled", ("Booked, shipped", "入账、发货")) {
            try await waitForFulfilment(id, token: login)
            return ((), console.texts("order \(id) is fulfilled", "订单 \(id) 已发货"))
        }
        return try await steps.run("books", ("Books agree", "核对账目")) {
            try await check(number, total: purchase.total)
        }
    }

    /// What the front end was given, in words.
    private static func handedOff(_ answer: DemoJSON, _ method: String) throws -> String {
        switch method {
        case "native": try answer.at("client").text("code_url")
        case "h5": try answer.at("client").text("h5_url")
        case "app": "prepayId \(try answer.at("client").text("prepayId"))"
        case "codepay": try answer.at("order").text("out_trade_no")
        default: try answer.at("client").text("package")
        }
    }

    /// The buyer, at the phone.
    private func pay(_ purchase: Purchase, _ created: DemoJSON, _ number: String, _ steps: DemoSteps) async throws {
        let call: (path: String, target: [String: any Sendable])
        switch purchase.method {
        case "native": call = ("pay", ["code_url": try created.at("client").text("code_url")])
        case "h5": call = ("pay", ["h5_url": try created.at("client").text("h5_url")])
        case "app": call = ("pay", ["prepay_id": try created.at("client").text("prepayId")])
        case "codepay": call = ("confirm-code", ["out_trade_no": number, "mchid": merchant.mchid, "outcome": "success"])
        default:
            let package = try created.at("client").text("package")
            call = ("pay", ["prepay_id": String(package.dropFirst("prepay_id=".count))])
        }
        var body = call.target
        if call.path == "pay" { body["openid"] = openid }
        let said = body
        _ = try await steps.run("pay", ("Buyer pays", "用户付款")) {
            let answer = try await http.post(sandboxURL + "/_sandbox/" + call.path, said)
            guard let transaction = try? answer.text("transaction_id") else {
                throw CommandFailure("the buyer could not pay: \((try? answer.text("err_msg")) ?? "no reason given")")
            }
            return ((), "\((try? answer.text("err_msg")) ?? "ok"), transaction_id \(transaction)")
        }
    }

    private func waitForFulfilment(_ order: String, token: String) async throws {
        var attempt = 0
        try await demoWait("order \(order) is fulfilled") {
            attempt += 1
            // After five seconds without a notification, what the page would do: ask the server to ask WeChat.
            if attempt == 50 { _ = try await http.post(serverURL + "/shop/orders/\(order)/sync", [:], token: token) }
            return try await http.get(serverURL + "/shop/orders/\(order)", token: token).at("order").text("state") == "fulfilled"
        }
    }

    /// Compares the payment, its events and its ledger entry here with the order at the sandbox.
    private func check(_ number: String, total: Int64) async throws -> (Bought, String) {
        let platform = try await http.get(sandboxURL + "/_sandbox/orders/\(merchant.mchid)/\(number)", token: nil)
        let transaction = try platform.text("transaction_id")
        let list = try await http.get(serverURL + "/v1/payments?out_trade_no=\(number)", token: key)
        guard let id = try list.list("payments").first?.text("id") else { throw CommandFailure("/v1 has no payment \(number)") }
        let answer = try await http.get(serverURL + "/v1/payments/\(id)/timeline", token: key)
        let payment = try answer.at("payment")
        let state = try payment.text("state")
        try demoRequire(state == "paid", "the payment is \(state), expected paid")
        try demoRequire(try payment.text("transaction_id") == transaction, "another transaction_id here than at WeChat")
        try demoRequire(try payment.at("amount").integer("total") == total, "another amount here than ordered")
        let states = try answer.list("events").map { try $0.text("to") }
        try demoRequire(
            states.first == "created" && states.last == "paid" && Set(states).count == states.count,
            "the payment's events are \(states)")
        let ledger = try answer.list("ledger").map { try $0.integer("amount") }
        try demoRequire(ledger.reduce(0, +) == 0 && ledger.contains(total), "the ledger lines are \(ledger)")
        return (
            Bought(paymentID: id, outTradeNo: number, total: total),
            "\(states.joined(separator: " → ")); \(console.texts("ledger", "账本")) "
                + ledger.map { Money(fen: $0).yuan }.joined(separator: " / ")
        )
    }
}
