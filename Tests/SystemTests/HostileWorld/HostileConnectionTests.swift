import Foundation
import Logging
import PaymentPrimitives
import PaymentServer
import ServiceLifecycle
import Testing
import WeChatPaySandbox

@Suite("The hostile world: connections")
struct HostileConnectionTests {
    @Test("Row 83: slow headers and slow bodies are cut off, while others are served")
    func slow() async throws {
        var options = RunningSystem.Options()
        options.deadlines.head = .seconds(2)
        options.deadlines.body = .seconds(2)
        options.deadlines.idle = .seconds(4)
        try await RunningSystem.run(options) { system in
            let payment = try await system.payment()
            let mark = system.mark
            let before = try await system.rows.snapshot()
            let post = "POST /notify/v3/demo HTTP/1.1\r\nHost: a\r\n"
            let slow = [
                ("no byte at all", ""), ("slow headers", post), ("slow body", post + "Content-Length: 9000\r\n\r\n{"),
                ("slow chunks", post + "Transfer-Encoding: chunked\r\n\r\n2000\r\n"),
                ("slow second request", "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /he"),
            ]
            let drip = "X-Slow: " + String(repeating: "z", count: 2000)
            let port = system.port
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<12 {
                    for (name, start) in slow {
                        group.addTask {
                            let heard = try await RawConnection.within(.seconds(30)) {
                                try await RawConnection.talk(port: port, start, drip: name == "no byte at all" ? "" : drip)
                            }
                            let answered = heard?.contains("HTTP/1.1 204") ?? false
                            #expect(heard != nil, "\(name): still open")
                            #expect(!answered, "\(name): \(heard ?? "")")
                        }
                    }
                }
                // In the midst of it.
                for _ in 0..<3 { #expect(try await system.web.get("/healthz").status == 200) }
                try await group.waitForAll()
            }
            #expect(try await system.rows.snapshot() == before)
            #expect(system.log.lines(after: mark.lines).contains { $0.text.contains("not there in time") })
            system.expectNoSecrets(since: mark)
            #expect(try await system.notify(system.forger.notification(system.forger.success(of: payment).json)).status == 204)
        }
    }

    @Test("Row 84: Content-Length with Transfer-Encoding is refused, and nothing is smuggled behind it")
    func twoLengths() async throws {
        try await RunningSystem.run { system in
            let port = system.port
            let before = try await system.rows.snapshot()
            let smuggled = "0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
            let heads = [
                "Content-Length: \(smuggled.utf8.count)\r\nTransfer-Encoding: chunked\r\n",
                "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                "Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: +5\r\n", "Content-Length: 5, 6\r\n",
                "Content-Length: -1\r\n", "Transfer-Encoding: chunked, identity\r\n", "Transfer-Encoding: xchunked\r\n",
            ]
            for head in heads {
                for path in ["/notify/v3/demo", "/shop/login"] {
                    let heard = try await RawConnection.within(.seconds(8)) {
                        try await RawConnection.talk(port: port, "POST \(path) HTTP/1.1\r\nHost: a\r\n\(head)\r\n\(smuggled)")
                    }
                    let said = try #require(heard, "\(head): still open")
                    #expect(said.hasPrefix("HTTP/1.1 4") || said.isEmpty, "\(head): \(said)")
                    #expect(!said.contains("alive"), "\(head): a second request was heard")
                }
            }
            #expect(try await system.rows.snapshot() == before)
        }
    }

    @Test("Row 92: a web page cannot steer the sandbox")
    func sandboxControl() async throws {
        let sandbox = try Sandbox()
        let log = CapturedLog()
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(
                        service: SandboxServer(
                            sandbox: sandbox, port: 0, logger: log.logger, onReady: { continuation.yield($0) }))
                ], logger: log.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { continuation.finish() }
                try await group.run()
            }
            let port = try #require(await ports.first { _ in true })
            let web = WebClient(base: "http://127.0.0.1:\(port)")
            let json = ("Content-Type", "application/json")
            let pages: [(name: String, headers: [(String, String)])] = [
                ("foreign origin", [json, ("Origin", "https://evil.example")]), ("no origin", [json, ("Origin", "null")]),
                ("another port's origin", [json, ("Origin", "http://127.0.0.1:1")]),
                ("rebound host", [json, ("Host", "evil.example:\(port)")]),
                ("rebound host and its own origin", [json, ("Host", "evil.example"), ("Origin", "http://evil.example")]),
                ("host that looks like this machine", [json, ("Host", "127.0.0.1.evil.example")]),
                ("a form", [("Content-Type", "application/x-www-form-urlencoded")]),
                ("plain text", [("Content-Type", "text/plain")]), ("no type", []),
                ("a type that only begins well", [("Content-Type", "application/jsonp")]),
            ]
            for page in pages {
                for path in ["/_sandbox/clock/advance", "/_sandbox/pay", "/_sandbox/login-code", "/_sandbox/trigger"] {
                    let answer = try await web.send(
                        "POST", path, headers: page.headers, body: Array(#"{"seconds":86400}"#.utf8))
                    #expect(answer.status == 403, "\(page.name): \(answer.text)")
                    #expect(answer.header("Access-Control-Allow-Origin") == nil)
                }
            }
            let preflight = try await web.send(
                "OPTIONS", "/_sandbox/pay",
                headers: [("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST")])
            #expect(preflight.status >= 400)
            #expect(try await web.get("/_sandbox/clock").integer("offset_seconds") == 0)
            let own = try await web.post("/_sandbox/clock/advance", #"{"seconds":60}"#)
            #expect(own.integer("offset_seconds") == 60)
            try await web.shutdown()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}
