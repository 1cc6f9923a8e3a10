import Foundation
import PaymentPrimitives
import Testing
import WeChatPaySandbox

@testable import WeChatPayCommand

@Suite("The command as a process", .serialized)
struct KillTests {
    /// The sandbox and the configuration of a server beside it, as `wechatpay demo` lays them out.
    private struct Place {
        let folder: TemporaryFolder
        let sandbox: CommandProcess
        let weChat: WebClient
        let setup: SandboxSetup
        let sandboxURL: String
        let port: Int

        /// - Parameter notifications: whether they find the server.
        init(notifications: Bool = true) async throws {
            folder = try TemporaryFolder()
            sandbox = try CommandProcess(
                "sandbox", ["sandbox", "--port", "0", "--state", folder.path + "/sandbox"], in: folder)
            sandboxURL = try await sandbox.ready("sandbox")
            setup = try SandboxDirectory.setup(of: folder.path + "/sandbox")
            port = try await FreePort.pick(host: "127.0.0.1")
            let reached = notifications ? port : try await FreePort.pick(host: "127.0.0.1")
            try DemoFolder(path: folder.path).write(
                setup.merchants[0], sandboxURL: sandboxURL, serverURL: "http://127.0.0.1:\(reached)", port: port, adminPort: 0,
                database: nil)
            weChat = WebClient(base: sandboxURL)
        }

        func serve(_ name: String) async throws -> CommandProcess {
            let server = try CommandProcess(
                name, ["serve", "--config", folder.path + "/server.yaml", "--clock-from", sandboxURL], in: folder)
            #expect(try await server.ready("server") == "http://127.0.0.1:\(port)")
            return server
        }

        func end(_ web: WebClient) async throws {
            try await web.shutdown()
            try await weChat.shutdown()
            #expect(try await sandbox.end(SIGTERM) == 0)
            folder.remove()
        }

        /// Logs in, orders and stops before the payment; returns token, order id, number and prepay_id.
        func order(_ web: WebClient) async throws -> (token: String, id: String, number: String, prepayID: String) {
            let login = try await weChat.post(
                "/_sandbox/login-code", #"{"appid":"\#(setup.merchants[0].appid)","openid":"\#(setup.users[0].openid)"}"#)
            let code = try #require(login.string("code"), "\(login.text)")
            let token = try #require(try await web.post("/shop/login", #"{"code":"\#(code)"}"#).string("token"))
            let made = try await web.post("/shop/orders", Buyer.twoApples, token: token)
            return (
                token, try #require(made.string("order.id"), "\(made.text)"),
                try #require(made.string("order.out_trade_no")),
                String(try #require(made.string("client.package")).dropFirst("prepay_id=".count))
            )
        }
    }

    @Test("Killed between payment and notification, the server finds the money when it is back", arguments: [true, false])
    func killed(notified: Bool) async throws {
        let place = try await Place(notifications: notified)
        let web = WebClient(base: "http://127.0.0.1:\(place.port)")
        let first = try await place.serve("first")
        let order = try await place.order(web)
        try await first.killHard()
        let paid = try await place.weChat.post(
            "/_sandbox/pay", #"{"prepay_id":"\#(order.prepayID)","openid":"\#(place.setup.users[0].openid)"}"#)
        let transaction = try #require(paid.string("transaction_id"), "\(paid.text)")
        try await eventually("the first notification was lost") {
            let list = try await place.weChat.get("/_sandbox/deliveries?out_trade_no=\(order.number)")
            return (list.count("deliveries.0.attempts") ?? 0) >= 1
        }
        let second = try await place.serve("second")
        // With notifications WeChat's next try comes first, without them the job's question.
        let moved = try await place.weChat.post("/_sandbox/clock/advance", #"{"seconds":\#(notified ? 16 : 40)}"#)
        #expect(moved.status == 200)
        try await eventually("the order is fulfilled", within: .seconds(20)) {
            try await web.get("/shop/orders/\(order.id)", token: order.token).string("order.state") == "fulfilled"
        }
        #expect(try await second.end(SIGTERM) == 0, "\(second.errors)")
        let rows = try BusinessRows(path: place.folder.path + "/pay.sqlite")
        let booked = try await rows.booked(outTradeNo: order.number)
        #expect(booked.state == "paid")
        #expect(booked.transitions == ["created", "pending", "paid"])
        #expect(booked.ledger == [2560, -2560])
        #expect(booked.outbox == ["payment.paid"])
        #expect(booked.fulfilments == 1)
        #expect(try await rows.texts("SELECT transaction_id FROM payments") == [transaction])
        #expect(
            try await rows.texts("SELECT source FROM payment_events WHERE to_state = 'paid'") == [
                notified ? "notification" : "query"
            ])
        try await rows.close()
        #expect(try second.events().count == 1, "stdout has the ready line and nothing else")
        try await place.end(web)
    }

    @Test("Killed again and again in the midst of it all, no order is lost or fulfilled twice")
    func killedOften() async throws {
        let place = try await Place()
        let web = WebClient(base: "http://127.0.0.1:\(place.port)")
        var orders: [(id: String, token: String, number: String)] = []
        for round in 0..<3 {
            let server = try await place.serve("round\(round)")
            let order = try await place.order(web)
            orders.append((order.id, order.token, order.number))
            // The kill meets the notification wherever it is.
            let (weChat, openid) = (place.weChat, place.setup.users[0].openid)
            async let pay = weChat.post("/_sandbox/pay", #"{"prepay_id":"\#(order.prepayID)","openid":"\#(openid)"}"#)
            if round > 0 { _ = try await pay }
            try await server.killHard()
            _ = try await pay
        }
        let last = try await place.serve("last")
        _ = try await place.weChat.post("/_sandbox/clock/advance", #"{"seconds":120}"#)
        for order in orders {
            try await eventually("order \(order.id) is fulfilled", within: .seconds(20)) {
                try await web.get("/shop/orders/\(order.id)", token: order.token).string("order.state") == "fulfilled"
            }
        }
        #expect(try await last.end(SIGTERM) == 0)
        let rows = try BusinessRows(path: place.folder.path + "/pay.sqlite")
        for order in orders {
            let booked = try await rows.booked(outTradeNo: order.number)
            #expect(booked.transitions == ["created", "pending", "paid"])
            #expect(booked.ledger == [2560, -2560])
            #expect(booked.fulfilments == 1)
        }
        try await rows.close()
        try await place.end(web)
    }

    @Test("An event whose webhook was under way when the server was killed is delivered when it is back")
    func killedWhileSending() async throws {
        let place = try await Place()
        let web = WebClient(base: "http://127.0.0.1:\(place.port)")
        try await WebhookReceiver.run { receiver in
            try place.folder.setWebhook(receiver.url + "/hook", secrets: [WebhookTests.secret])
            receiver.answer(.nothing)
            let first = try await place.serve("first")
            let order = try await place.order(web)
            _ = try await place.weChat.post(
                "/_sandbox/pay", #"{"prepay_id":"\#(order.prepayID)","openid":"\#(place.setup.users[0].openid)"}"#)
            try await eventually("the receiver has it") { receiver.messages.count == 1 }
            try await first.killHard()
            receiver.answer(.status(204))
            let second = try await place.serve("second")
            _ = try await place.weChat.post("/_sandbox/clock/advance", #"{"seconds":120}"#)
            try await eventually("it is sent again", within: .seconds(20)) { receiver.messages.count == 2 }
            #expect(Set(receiver.messages.map(\.body)).count == 1 && Set(receiver.messages.map(\.id)).count == 1)
            let rows = try BusinessRows(path: place.folder.path + "/pay.sqlite")
            try await eventually("it is delivered", within: .seconds(20)) {
                try await rows.texts("SELECT state FROM webhook_deliveries") == ["delivered"]
            }
            try await rows.close()
            #expect(try await second.end(SIGTERM) == 0, "\(second.errors)")
        }
        try await place.end(web)
    }

    @Test("A port in use is named, the operators' one too")
    func portInUse() async throws {
        let place = try await Place()
        let web = WebClient(base: "http://127.0.0.1:\(place.port)")
        let first = try await place.serve("first")
        let twin = try CommandProcess("twin", ["serve", "--config", place.folder.path + "/server.yaml"], in: place.folder)
        let status = try await twin.end()
        #expect(status != nil && status != 0)
        #expect(twin.errors.contains("127.0.0.1:\(place.port) is in use"), "\(twin.errors)")
        #expect(twin.output.isEmpty)
        let free = try await FreePort.pick(host: "127.0.0.1")
        try DemoFolder(path: place.folder.path).write(
            place.setup.merchants[0], sandboxURL: place.sandboxURL, serverURL: "http://127.0.0.1:\(free)", port: free,
            adminPort: place.port,
            database: nil)
        let admin = try CommandProcess("admin", ["serve", "--config", place.folder.path + "/server.yaml"], in: place.folder)
        #expect(try await admin.end() != 0)
        #expect(admin.errors.contains("127.0.0.1:\(place.port) is in use"), "\(admin.errors)")
        let port = try #require(URL(string: place.sandboxURL)?.port)
        let sandbox = try CommandProcess(
            "sandbox2", ["sandbox", "--port", "\(port)", "--state", place.folder.path + "/sandbox2"], in: place.folder)
        #expect(try await sandbox.end() != 0)
        #expect(sandbox.errors.contains("127.0.0.1:\(port) is in use"), "\(sandbox.errors)")
        #expect(try await first.end(SIGTERM) == 0)
        try await place.end(web)
    }

    @Test("It starts while WeChat is away, and says so")
    func startsAlone() async throws {
        let place = try await Place()
        let web = WebClient(base: "http://127.0.0.1:\(place.port)")
        #expect(try await place.sandbox.end(SIGTERM) == 0)
        let server = try CommandProcess("alone", ["serve", "--config", place.folder.path + "/server.yaml"], in: place.folder)
        _ = try await server.ready("server")
        #expect(try await web.get("/healthz").status == 200)
        #expect(try await web.get("/shop/products").status == 200)
        #expect(try await server.end(SIGINT) == 0)
        try await web.shutdown()
        try await place.weChat.shutdown()
        place.folder.remove()
    }

    @Test("demo --once buys, says each step in JSON, and exits 0")
    func demoOnce() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        // Twice in the same folder: it may be repeated.
        for run in 1...2 {
            let demo = try CommandProcess(
                "demo\(run)", ["demo", "--once", "--port", "0", "--sandbox-port", "0", "--state", folder.path + "/state"],
                in: folder)
            #expect(try await demo.end(within: .seconds(60)) == 0, "\(demo.errors)")
            let events = try demo.events()
            let kinds = events.compactMap { $0["event"] as? String }
            #expect(kinds.count == events.count)
            #expect(
                events.filter { $0["event"] as? String == "ready" }.compactMap { $0["name"] as? String } == ["sandbox", "server"])
            let steps = events.filter { $0["event"] as? String == "step" }
            #expect(steps.count == 37, "five for each method, the code that is charged, four refunds, two for the bill")
            #expect(steps.allSatisfy { $0["ok"] as? Bool == true })
            #expect(
                Set(steps.compactMap { $0["purchase"] as? String }) == [
                    "mini_program", "jsapi", "native", "h5", "app", "codepay", "refund", "bill",
                ])
            #expect(events.last?["event"] as? String == "outcome")
            #expect(events.last?["ok"] as? Bool == true)
        }
    }
}
