import AsyncHTTPClient
import Foundation
import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import PaymentPrimitives
import Testing
import WeChatPay

@testable import WeChatPaySandbox

@Suite("The HTTP face")
struct ControlTests {
    /// Runs a server on a free port while `body` works with it.
    private func withServer(
        _ caller: Caller, token: Secret? = nil, _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let server = SandboxServer(
            sandbox: caller.sandbox, port: 0, controlToken: token,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            onReady: { continuation.yield($0) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            group.addTask {
                for await port in ports { return try await body(port) }
            }
            // The body ends first; a server that ends first has failed.
            try await group.next()
            group.cancelAll()
        }
    }

    private struct Answer {
        let status: Int
        let headers: HTTPHeaders
        let body: String
        var json: JSONValue { (try? JSONParser.parse(Array(body.utf8))) ?? .null }
    }

    private func send(
        _ method: HTTPMethod, _ url: String, _ body: String? = nil,
        headers: [String: String] = ["Content-Type": "application/json"]
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url)
        request.method = method
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
        let bytes = try await response.body.collect(upTo: 4_000_000)
        return Answer(status: Int(response.status.code), headers: response.headers, body: String(buffer: bytes))
    }

    @Test("A whole purchase over HTTP: login code, order, payment, notification, clock")
    func purchase() async throws {
        let caller = try makeSandbox()
        try await withServer(caller) { port in
            let base = "http://127.0.0.1:\(port)"
            let login = try await send(
                .POST, base + "/_sandbox/login-code", "{\"appid\":\"wx0000000000000001\",\"openid\":\"\(caller.openid)\"}")
            #expect(login.json["code"]?.string?.isEmpty == false)
            let body = caller.order("ORDER0001", ["notify_url": .string(base + "/nowhere")]).json
            let request = try caller.request("POST", Caller.jsapi, body)
            var headers: [String: String] = [:]
            for field in request.head.headerFields { headers[field.name.rawName] = field.value }
            let ordered = try await send(.POST, base + Caller.jsapi, body, headers: headers)
            let id = try #require(ordered.json["prepay_id"]?.string)
            for name in ["Wechatpay-Timestamp", "Wechatpay-Signature-Type", "Request-ID"] {
                #expect(ordered.headers.contains { $0.name == name }, "\(name)")
            }
            let paid = try await send(.POST, base + "/_sandbox/pay", "{\"prepay_id\":\"\(id)\",\"openid\":\"\(caller.openid)\"}")
            #expect(paid.json["err_msg"]?.string == "requestPayment:ok")
            // Nobody listens at /nowhere, so every attempt is answered 404.
            let clock = try await send(.POST, base + "/_sandbox/clock/advance", "{\"seconds\":60}")
            #expect(clock.json["offset_seconds"]?.int64 == 60)
            let list = try await send(.GET, base + "/_sandbox/deliveries?mchid=1900000001&out_trade_no=ORDER0001")
            let delivery = try #require(list.json["deliveries"]?.array?.first)
            #expect(delivery["attempts"]?.array?.map { $0["status"]?.int64 } == [404, 404, 404, 404])
            let resent = try await send(.POST, base + "/_sandbox/deliveries/\(delivery["id"]?.string ?? "")/resend", "{}")
            #expect(resent.json["attempts"]?.array?.last?["resend"]?.bool == true)
            let order = try await send(.GET, base + "/_sandbox/orders/1900000001/ORDER0001")
            #expect(order.json["trade_state"]?.string == "SUCCESS")
            let triggered = try await send(
                .POST, base + "/_sandbox/trigger",
                "{\"mchid\":\"1900000001\",\"event_type\":\"TRANSACTION.SUCCESS\",\"notify_url\":\"\(base)/nowhere\"}")
            #expect(triggered.json["attempts"]?.array?.first?["status"]?.int64 == 404)
            let requests = try await send(.GET, base + "/_sandbox/requests?mchid=1900000001")
            #expect(requests.json["requests"]?.array?.count == 1)
            let warnings = try await send(.GET, base + "/_sandbox/warnings")
            #expect(warnings.json["warnings"]?.array?.first?["code"]?.string == "notify_url_not_public_https")
            let wrong = try caller.request("POST", Caller.jsapi, body, defect: .init(message: { String($0.dropLast()) }))
            for field in wrong.head.headerFields { headers[field.name.rawName] = field.value }
            #expect(try await send(.POST, base + Caller.jsapi, body, headers: headers).status == 401)
            let cause = try await send(.GET, base + "/_sandbox/requests").json["requests"]?.array?.last?["signature_cause"]
            #expect(cause?["code"]?.string == "no_last_newline")
        }
    }

    @Test("A 204 has no body, and unknown paths are 404 in WeChat's form")
    func plain() async throws {
        let caller = try makeSandbox()
        try await caller.prepay()
        try await withServer(caller) { port in
            let path = "/v3/pay/transactions/out-trade-no/ORDER0001/close"
            let request = try caller.request("POST", path, "{\"mchid\":\"1900000001\"}")
            var headers: [String: String] = [:]
            for field in request.head.headerFields { headers[field.name.rawName] = field.value }
            let closed = try await send(.POST, "http://127.0.0.1:\(port)\(path)", "{\"mchid\":\"1900000001\"}", headers: headers)
            #expect(closed.status == 204)
            #expect(closed.body.isEmpty)
            #expect(closed.headers.first(name: "Wechatpay-Signature") != nil)
            #expect(closed.headers.first(name: "Content-Length") == nil)
            let unknown = try await send(.GET, "http://127.0.0.1:\(port)/nothing")
            #expect(unknown.status == 404)
            #expect(unknown.json["code"]?.string == "RESOURCE_NOT_EXISTS")
            let page = try await send(.GET, "http://127.0.0.1:\(port)/", headers: ["Accept": "text/html"])
            #expect(page.body.contains("/v3/pay/transactions/{jsapi,"))
            #expect(try await send(.GET, "http://127.0.0.1:\(port)/").json["merchants"]?.array?.count == 3)
            let big = String(repeating: "a", count: 2 * 1024 * 1024 + 1)
            #expect(try await send(.POST, "http://127.0.0.1:\(port)/v3/pay/transactions/jsapi", big).status == 413)
            // An upload may be bigger: this one gets as far as its missing signature.
            let video = "http://127.0.0.1:\(port)/v3/merchant/media/video_upload"
            #expect(try await send(.POST, video, big).status == 401)
            #expect(try await send(.POST, video, big + big + big).status == 413)
        }
    }

    @Test("The h5_url of an order opens in a browser at the address by which the order was placed")
    func cashier() async throws {
        let caller = try makeSandbox()
        try await withServer(caller) { port in
            let path = "/v3/pay/transactions/h5"
            let body = caller.order(.h5, "ORDER0001").json
            var headers: [String: String] = [:]
            for field in try caller.request("POST", path, body).head.headerFields { headers[field.name.rawName] = field.value }
            let placed = try await send(.POST, "http://127.0.0.1:\(port)\(path)", body, headers: headers)
            let url = try #require(placed.json["h5_url"]?.string)
            #expect(url.hasPrefix("http://127.0.0.1:\(port)/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx"), "\(url)")
            let page = try await send(.GET, url, headers: ["Accept": "text/html"])
            #expect(page.status == 200)
            #expect(page.headers.first(name: "Content-Type") == "text/html; charset=utf-8")
            #expect(page.body.contains("ORDER0001"))
        }
    }

    @Test("A control call that is wrong says what is wrong")
    func mistakes() async throws {
        try await withServer(try makeSandbox()) { port in
            let base = "http://127.0.0.1:\(port)/_sandbox"
            let cases: [(String, String, Int, String)] = [
                ("/pay", "{", 400, "JSON"), ("/pay", "[]", 400, "object"), ("/pay", "{}", 400, "prepay_id"),
                ("/pay", "{\"prepay_id\":\"x\",\"openid\":\"y\"}", 404, "prepay_id x"),
                ("/pay", "{\"prepay_id\":\"x\",\"openid\":\"y\",\"outcome\":\"z\"}", 400, "success_then_kill_app"),
                ("/login-code", "{\"appid\":\"x\"}", 400, "openid"), ("/clock/advance", "{\"seconds\":\"1\"}", 400, "seconds"),
                ("/clock/advance", "{\"seconds\":-1}", 400, "seconds"), ("/nothing", "{}", 404, "POST /_sandbox/pay"),
                ("/deliveries/x/resend", "{}", 404, "delivery x"),
            ]
            for (path, body, status, text) in cases {
                let answer = try await send(.POST, base + path, body)
                #expect(answer.status == status, "\(path) \(body)")
                #expect(answer.json["message"]?.string?.contains(text) == true, "\(answer.body)")
            }
            #expect(try await send(.GET, base + "/orders/1900000001/NONE").status == 404)
        }
    }

    @Test("A web page cannot steer the sandbox: foreign Origin, rebinding Host, form content types")
    func webPages() async throws {
        let caller = try makeSandbox()
        try await withServer(caller) { port in
            let url = "http://127.0.0.1:\(port)/_sandbox/clock/advance"
            let json = "application/json"
            let allowed: [[String: String]] = [
                ["Content-Type": json], ["Content-Type": "application/json; charset=utf-8"],
                ["Content-Type": json, "Host": "localhost:\(port)"], ["Content-Type": json, "Host": "[::1]:\(port)"],
                ["Content-Type": json, "Origin": "http://127.0.0.1:\(port)"],
            ]
            let refused: [[String: String]] = [
                [:], ["Content-Type": "text/plain"], ["Content-Type": "application/x-www-form-urlencoded"],
                ["Content-Type": "application/json-seq"],
                ["Content-Type": json, "Origin": "https://evil.example.com"], ["Content-Type": json, "Origin": "null"],
                ["Content-Type": json, "Origin": "http://127.0.0.1:1"],
                ["Content-Type": json, "Origin": "http://localhost:\(port)"],
                ["Content-Type": json, "Host": "evil.example.com"], ["Content-Type": json, "Host": "127.0.0.1.evil.example.com"],
                ["Content-Type": json, "Host": "localhost.evil.example.com:\(port)"],
                ["Content-Type": json, "Host": "10.0.0.1:\(port)"],
                [
                    "Content-Type": json, "Host": "evil.example.com", "X-Forwarded-For": "127.0.0.1",
                    "X-Forwarded-Host": "localhost",
                ],
            ]
            for headers in allowed {
                #expect(try await send(.POST, url, "{\"seconds\":1}", headers: headers).status == 200, "\(headers)")
            }
            for headers in refused {
                let answer = try await send(.POST, url, "{\"seconds\":1}", headers: headers)
                #expect(answer.status == 403, "\(headers)")
                #expect(answer.json["error"]?.string == "forbidden")
            }
            let clock = try await send(
                .GET, "http://127.0.0.1:\(port)/_sandbox/clock", headers: ["Origin": "https://evil.example.com"])
            #expect(clock.status == 403)
            #expect(caller.sandbox.businessNow.seconds - caller.clock.now.seconds == Int64(allowed.count))
        }
    }

    @Test("Keys and faults over HTTP: made, looked at, applied on the wire, removed")
    func wire() async throws {
        let caller = try makeSandbox()
        try await withServer(caller) { port in
            let base = "http://127.0.0.1:\(port)"
            func ask(_ path: String) async throws -> Answer {
                let request = try caller.request("GET", path)
                var headers: [String: String] = [:]
                for field in request.head.headerFields { headers[field.name.rawName] = field.value }
                return try await send(.GET, base + path, headers: headers)
            }
            let keys = try await send(
                .POST, base + "/_sandbox/keys/rotate", "{\"mchid\":\"1900000001\",\"to\":\"certificate\",\"share\":0.5}")
            #expect(keys.json["certificates"]?.array?.count == 2)
            #expect(try await send(.GET, base + "/_sandbox/keys/1900000001").json == keys.json)
            #expect(try await ask("/v3/certificates").json["data"]?.array?.count == 2)

            let rule = "{\"match\":{\"path\":\"/v3/certificates\",\"nth\":1},\"do\":"
            for (text, breaks) in [
                ("\"timeout_before\"}", true), ("\"timeout_after\"}", true), ("\"truncate\"}", true),
                ("\"status\",\"status\":503,\"code\":\"SERVICE_UNAVAILABLE\"}", false),
            ] {
                let made = try await send(.POST, base + "/_sandbox/faults", rule + text)
                #expect(made.status == 200, "\(made.body)")
                if breaks {
                    await #expect(throws: (any Error).self, "\(text)") { try await ask("/v3/certificates") }
                } else {
                    #expect(try await ask("/v3/certificates").status == 503)
                }
                #expect(try await ask("/v3/certificates").status == 200)
                let list = try await send(.GET, base + "/_sandbox/faults").json["faults"]?.array
                #expect(list?.count == 1)
                #expect(list?.first?["seen"]?.int64 == 2)
                #expect(list?.first?["applied"]?.int64 == 1)
                let id = list?.first?["id"]?.string ?? ""
                #expect(try await send(.DELETE, base + "/_sandbox/faults/\(id)").json["faults"]?.array?.isEmpty == true)
            }
            for (body, word) in [
                ("{}", "do"), ("{\"do\":\"explode\"}", "timeout_after"),
                ("{\"do\":\"truncate\",\"match\":{\"pth\":\"/\"}}", "pth"),
                ("{\"do\":\"frequency_limit\"}", "limit"), ("{\"do\":\"truncate\",\"match\":{\"on\":\"x\"}}", "notification"),
                ("{\"do\":\"truncate\",\"match\":{\"probability\":1.5}}", "probability"),
                ("{\"do\":\"truncate\",\"mtch\":{}}", "mtch"),
            ] {
                let answer = try await send(.POST, base + "/_sandbox/faults", body)
                #expect(answer.status == 400, "\(body)")
                #expect(answer.json["message"]?.string?.contains(word) == true, "\(answer.body)")
            }
            #expect(try await send(.DELETE, base + "/_sandbox/faults/none").status == 404)
            #expect(try await send(.DELETE, base + "/_sandbox/faults").status == 200)
            let wrong = "{\"mchid\":\"1900000001\",\"to\":\"both\"}"
            #expect(try await send(.POST, base + "/_sandbox/keys/rotate", wrong).status == 400)
        }
    }

    @Test("With a token, the token decides")
    func token() async throws {
        try await withServer(try makeSandbox(), token: Secret("open-sesame")) { (port: Int) async throws -> Void in
            let url = "http://127.0.0.1:\(port)/_sandbox/clock"
            for (header, status) in [
                ("Bearer open-sesame", 200), ("Bearer open-sesam", 403), ("Bearer ", 403), ("open-sesame", 403),
                ("Basic b3Blbg==", 403),
            ] {
                #expect(try await send(.GET, url, headers: ["Authorization": header]).status == status, "\(header)")
            }
            #expect(try await send(.GET, url).status == 403)
            let origin = ["Authorization": "Bearer open-sesame", "Origin": "https://evil.example.com"]
            #expect(try await send(.GET, url, headers: origin).status == 403)
            let host = ["Authorization": "Bearer open-sesame", "Host": "sandbox.example.com"]
            #expect(try await send(.GET, url, headers: host).status == 200)
        }
    }

    @Test(
        "Without a token only this machine's addresses count as near",
        arguments: [
            ("127.0.0.1", true), ("127.8.9.1", true), ("::1", true), ("::ffff:127.0.0.1", true), ("10.0.0.1", false),
            ("192.168.1.5", false), ("::ffff:10.0.0.1", false), ("fe80::1", false), ("", false),
        ])
    func peers(_ peer: String, _ isAllowed: Bool) {
        let head = HTTPRequest(method: .get, scheme: "http", authority: "localhost:8100", path: "/_sandbox/clock")
        #expect((ControlGuard(token: nil).refusal(head, peer: peer) == nil) == isAllowed)
        #expect(ControlGuard(token: nil).refusal(head, peer: nil) != nil)
    }
}
