import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import PaymentPrimitives
import WeChatPaySandbox

/// Buys in the shop as a mini-program would, over HTTP, and checks what it left behind.
struct DemoPurchases: Sendable {
    let console: Console
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
    }

    private static let purchases = [
        Purchase(
            method: "mini_program", title: ("Mini-program payment, one test item", "小程序支付：支付测试一份"),
            items: [["sku": "pay-test", "quantity": 1]], total: 2),
        Purchase(
            method: "jsapi", title: ("Method jsapi, apples and tea", "jsapi 方式：苹果与茶"),
            items: [["sku": "apple", "quantity": 2], ["sku": "tea", "quantity": 1]], total: 2 * 1280 + 6800),
        Purchase(
            method: "native", title: ("Native payment, a QR code on the screen", "Native 支付：扫描屏幕上的二维码"),
            items: [["sku": "notebook", "quantity": 1]], total: 3590),
        Purchase(
            method: "h5", title: ("H5 payment, in the phone's browser", "H5 支付：在手机浏览器中"),
            items: [["sku": "apple", "quantity": 1]], total: 1280),
        Purchase(
            method: "app", title: ("APP payment, in the merchant's app", "APP 支付：在商户自己的应用中"),
            items: [["sku": "pay-test", "quantity": 3]], total: 6),
        Purchase(
            method: "codepay", title: ("Code payment, the buyer shows a code at the till", "付款码支付：用户在收银台出示付款码"),
            items: [["sku": "tea", "quantity": 1]], total: 6800),
    ]

    /// Makes the first purchase, or one for each method; says whether everything ended as it should.
    func run(all: Bool) async -> Bool {
        for purchase in all ? Self.purchases : Array(Self.purchases.prefix(1)) {
            console.say("\n\(purchase.title.0)", "\n\(purchase.title.1)")
            do {
                try await buy(purchase)
            } catch {
                console.outcome(ok: false, detail: "\(purchase.method): \(error)")
                return false
            }
        }
        console.outcome(
            ok: true,
            detail: console.texts(
                "Paid, booked and fulfilled: order, payment, events and ledger agree with WeChat.",
                "已支付、已入账、已发货：订单、支付、事件与账本均与微信一致。"))
        return true
    }

    private func buy(_ purchase: Purchase) async throws {
        let steps = Steps(purchase.method, console)
        let login = try await steps.run("wx.login", ("wx.login", "wx.login 登录")) {
            let answer = try await post(
                sandboxURL + "/_sandbox/login-code", ["appid": merchant.appid, "openid": openid])
            let code = try answer.text("code")
            let session = try await post(serverURL + "/shop/login", ["code": code])
            return (try session.text("token"), "code → jscode2session → \(console.texts("session token", "会话令牌"))")
        }
        var body: [String: any Sendable] = ["items": purchase.items, "method": purchase.method]
        if purchase.method == "codepay" {
            body["auth_code"] = try await steps.run("auth_code", ("The buyer's code", "付款码")) {
                (try await post(sandboxURL + "/_sandbox/auth-code", ["openid": openid]).text("auth_code"), "18")
            }
        }
        let request = body
        let created = try await steps.run("order", ("Order", "下单")) {
            let answer = try await post(serverURL + "/shop/orders", request, token: login)
            let total = try answer.at("order", "amount").integer("total")
            try require(total == purchase.total, "the order's total is \(total) fen, expected \(purchase.total)")
            let with = purchase.method == "codepay" ? "auth_code" : try means(of: purchase, answer).value
            return (answer, "\(Money(fen: total).yuan) \(console.texts("yuan", "元")), \(with)")
        }
        let order = try created.at("order").text("id")
        let number = try created.at("order").text("out_trade_no")
        let transaction = try await steps.run("pay", ("Buyer pays", "用户付款")) {
            if purchase.method == "codepay" {
                // The charge itself took the money.
                let transaction = try created.at("order").list("payments").first?.text("transaction_id") ?? ""
                try require(!transaction.isEmpty, "the charge was not paid")
                return (transaction, "transaction_id \(transaction)")
            }
            let means = try means(of: purchase, created)
            let answer = try await post(sandboxURL + "/_sandbox/pay", [means.name: means.value, "openid": openid])
            guard let transaction = try? answer.text("transaction_id") else {
                throw CommandFailure("the buyer could not pay: \((try? answer.text("err_msg")) ?? "no reason given")")
            }
            let heard = (try? answer.text("err_msg")).map { "\($0), " } ?? ""
            return (transaction, "\(heard)transaction_id \(transaction)")
        }
        _ = try await steps.run("fulfilled", ("Notified, booked, shipped", "通知、入账、发货")) {
            let state = try await waitForFulfilment(order, token: login)
            try require(state == "fulfilled", "the order is \(state), expected fulfilled")
            return ((), console.texts("order \(order) is fulfilled", "订单 \(order) 已发货"))
        }
        _ = try await steps.run("books", ("Books agree", "核对账目")) {
            ((), try await check(number, transaction: transaction, purchase))
        }
    }

    /// By what the buyer pays: the name that the sandbox has for it, and the text.
    private func means(of purchase: Purchase, _ created: DemoJSON) throws -> (name: String, value: String) {
        let client = try created.at("client")
        return switch purchase.method {
        case "native": ("code_url", try client.text("code_url"))
        case "h5": ("h5_url", try client.text("h5_url"))
        case "app": ("prepay_id", try client.text("prepayId"))
        default: ("prepay_id", try client.text("package").replacingOccurrences(of: "prepay_id=", with: ""))
        }
    }

    private func waitForFulfilment(_ order: String, token: String) async throws -> String {
        for attempt in 0..<100 {
            let state = try await get(serverURL + "/shop/orders/\(order)", token: token).at("order").text("state")
            if state == "fulfilled" { return state }
            // After five seconds without a notification, what the page would do: ask the server to ask WeChat.
            if attempt == 50 { _ = try await post(serverURL + "/shop/orders/\(order)/sync", [:], token: token) }
            try await Task.sleep(for: .milliseconds(100))
        }
        return try await get(serverURL + "/shop/orders/\(order)", token: token).at("order").text("state")
    }

    /// Compares the payment, its events and its ledger entry here with the order at the sandbox.
    private func check(_ number: String, transaction: String, _ purchase: Purchase) async throws -> String {
        let total = purchase.total
        let key = apiKey.withBytes { String(decoding: $0, as: UTF8.self) }
        let list = try await get(serverURL + "/v1/payments?out_trade_no=\(number)", token: key)
        guard let id = try list.list("payments").first?.text("id") else { throw CommandFailure("/v1 has no payment \(number)") }
        let answer = try await get(serverURL + "/v1/payments/\(id)/timeline", token: key)
        let payment = try answer.at("payment")
        try require(try payment.text("state") == "paid", "the payment is \(try payment.text("state")), expected paid")
        try require(try payment.text("transaction_id") == transaction, "another transaction_id here than at WeChat")
        try require(try payment.at("amount").integer("total") == total, "another amount here than ordered")
        let states = try answer.list("events").map { try $0.text("to") }
        let expected = purchase.method == "codepay" ? ["created", "paid"] : ["created", "pending", "paid"]
        try require(states == expected, "the payment's events are \(states)")
        let ledger = try answer.list("ledger").map { try $0.integer("amount") }
        try require(ledger.reduce(0, +) == 0 && ledger.contains(total), "the ledger lines are \(ledger)")
        let platform = try await get(sandboxURL + "/_sandbox/orders/\(merchant.mchid)/\(number)", token: nil)
        try require(platform.contains(transaction), "the sandbox knows no such transaction")
        return "\(states.joined(separator: " → ")); \(console.texts("ledger", "账本")) "
            + ledger.map { Money(fen: $0).yuan }.joined(separator: " / ")
    }

    private func require(_ condition: Bool, _ message: String) throws {
        guard condition else { throw CommandFailure(message) }
    }

    private func get(_ url: String, token: String?) async throws -> DemoJSON {
        var request = HTTPClientRequest(url: url)
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        return try await send(request)
    }

    private func post(_ url: String, _ body: [String: any Sendable], token: String? = nil) async throws -> DemoJSON {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        request.body = .bytes(ByteBuffer(bytes: try JSONSerialization.data(withJSONObject: body)))
        return try await send(request)
    }

    private func send(_ request: HTTPClientRequest) async throws -> DemoJSON {
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let body = try await response.body.collect(upTo: 1024 * 1024)
        let text = String(buffer: body)
        guard (200..<300).contains(response.status.code) else {
            throw CommandFailure("\(request.method.rawValue) \(request.url) → \(response.status.code) \(text)")
        }
        return try DemoJSON(text)
    }
}

/// Runs steps, times them and prints a line for each.
private struct Steps {
    let purchase: String
    let console: Console
    let clock = SystemClock()

    init(_ purchase: String, _ console: Console) {
        self.purchase = purchase
        self.console = console
    }

    func run<T>(_ name: String, _ label: (String, String), _ body: () async throws -> (T, String)) async throws -> T {
        let start = clock.now
        do {
            let (value, detail) = try await body()
            console.step(
                purchase, name, label, ok: true, detail: detail, milliseconds: clock.now.since(start).wholeMilliseconds)
            return value
        } catch {
            console.step(
                purchase, name, label, ok: false, detail: "\(error)", milliseconds: clock.now.since(start).wholeMilliseconds)
            throw error
        }
    }
}
