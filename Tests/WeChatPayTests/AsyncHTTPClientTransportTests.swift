import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Testing

@testable import WeChatPay

@Suite("AsyncHTTPClient transport, against a real server", .timeLimit(.minutes(1)))
struct AsyncHTTPClientTransportTests {
    private let transport = AsyncHTTPClientTransport()

    private func request(_ port: Int, _ path: String, method: HTTPRequest.Method = .get, body: [UInt8] = []) -> TransportRequest {
        TransportRequest(
            head: HTTPRequest(
                method: method, scheme: "http", authority: "127.0.0.1:\(port)", path: path,
                headerFields: [.userAgent: "test", .accept: "application/json"]),
            body: body)
    }

    @Test("method, path as sent, headers and body arrive; status, headers and body come back")
    func roundTrip() async throws {
        let seen = Shared<[String]>([])
        try await withServer { request, _ in
            let body = try await request.body.collect(upTo: 1 << 20)
            seen.change {
                $0 = [
                    request.head.method.rawValue, request.head.path ?? "", request.head.headerFields[.userAgent] ?? "",
                    String(buffer: body),
                ]
            }
            var response = Response(
                status: .created, headers: [.wechatRequestID: "08F7-0"], body: .init(byteBuffer: ByteBuffer(string: "好")))
            response.headers.append(HTTPField(name: .wechatpaySignature, value: "a"))
            response.headers.append(HTTPField(name: .wechatpaySignature, value: "b"))
            return response
        } run: { port in
            let answer = try await transport.send(
                request(port, "/v3/a%2Ab%7Cc?mchid=1%2B1", method: .post, body: Array("{\"a\":1}".utf8)), deadline: .seconds(10))
            #expect(answer.head.status.code == 201)
            #expect(answer.head.headerFields[.wechatRequestID] == "08F7-0")
            #expect(answer.head.headerFields[values: .wechatpaySignature] == ["a", "b"])
            #expect(try await answer.body.collect(upTo: 10) == Array("好".utf8))
            #expect(seen.value == ["POST", "/v3/a%2Ab%7Cc?mchid=1%2B1", "test", "{\"a\":1}"])
        }
    }

    @Test("a redirect is an answer, not followed")
    func redirect() async throws {
        let hits = Shared(0)
        try await withServer { _, _ in
            hits.change { $0 += 1 }
            return Response(status: .found, headers: [.location: "/inward"])
        } run: { port in
            let answer = try await transport.send(request(port, "/"), deadline: .seconds(10))
            #expect(answer.head.status.code == 302)
            #expect(hits.value == 1)
        }
    }

    @Test("no answer before the deadline is a timeout")
    func noHead() async throws {
        try await withServer { _, _ in
            await untilCancelled()
            return Response(status: .ok)
        } run: { port in
            #expect(await code { _ = try await transport.send(request(port, "/"), deadline: .milliseconds(200)) } == .timeout)
        }
    }

    @Test("a body that stops half way is a timeout at the same deadline")
    func slowBody() async throws {
        try await withServer { _, _ in
            Response(
                status: .ok,
                body: .init { writer in
                    try await writer.write(ByteBuffer(string: "half"))
                    await untilCancelled()
                    try await writer.finish(nil)
                })
        } run: { port in
            let answer = try await transport.send(request(port, "/"), deadline: .milliseconds(500))
            #expect(answer.head.status.code == 200)
            #expect(await code { _ = try await answer.body.collect(upTo: 1 << 20) } == .timeout)
        }
    }

    @Test("row 69: an endless body is cut off at the limit")
    func endless() async throws {
        try await withServer { _, _ in
            Response(
                status: .ok,
                body: .init { writer in
                    let chunk = ByteBuffer(repeating: 0x20, count: 65_536)
                    while !Task.isCancelled { try await writer.write(chunk) }
                })
        } run: { port in
            let answer = try await transport.send(request(port, "/"), deadline: .seconds(30))
            #expect(await code { _ = try await answer.body.collect(upTo: 1 << 20) } == .responseTooLarge)
        }
    }

    @Test("a port where nobody listens is a transport error")
    func refused() async throws {
        let port = Shared(0)
        try await withServer { _, _ in
            Response(status: .ok)
        } run: { open in
            port.change { $0 = open }
        }
        let closed = port.value
        let result = await code { _ = try await transport.send(request(closed, "/"), deadline: .seconds(2)) }
        #expect(result == .transport || result == .timeout)
    }

    @Test("a cancelled request ends")
    func cancelled() async throws {
        let arrived = Gate()
        try await withServer { _, _ in
            arrived.open()
            await untilCancelled()
            return Response(status: .ok)
        } run: { port in
            await withTaskGroup { group in
                group.addTask {
                    #expect(await code { _ = try await transport.send(request(port, "/"), deadline: .seconds(30)) } == .transport)
                }
                await arrived.wait()
                group.cancelAll()
            }
        }
    }

    @Test("a client over it queries an order: signed as sent, verified as received")
    func client() async throws {
        let clock = SystemClock()
        let platform = Platform(clock: clock, key: Platform.next, serial: Fixtures.publicKeyID)
        try await withServer { request, _ in
            let header = request.head.headerFields[.authorization] ?? ""
            func field(_ name: String) -> String {
                header.range(of: name + "=\"").map { String(header[$0.upperBound...].prefix { $0 != "\"" }) } ?? ""
            }
            let message = "GET\n\(request.head.path ?? "")\n\(field("timestamp"))\n\(field("nonce_str"))\n\n"
            let signature = Array(Data(base64Encoded: field("signature")) ?? Data())
            guard Platform.merchant.publicKey.isValid(signature: signature, for: Array(message.utf8)) else {
                return Response(status: .unauthorized)
            }
            let json = orderJSON("a|b*c-d")
            return Response(
                status: .ok, headers: platform.headers(Array(json.utf8)), body: .init(byteBuffer: ByteBuffer(string: json)))
        } run: { port in
            let client = try Client(
                merchant: testMerchant(publicKeys: [testPublicKey()]), baseURL: "http://127.0.0.1:\(port)", transport: transport)
            #expect(try await client.transactions.query(outTradeNo: "a|b*c-d").tradeState == .success)
        }
    }
}

/// Runs a server on a free port for as long as `run` takes.
func withServer(
    _ respond: @escaping @Sendable (Request, BasicRequestContext) async throws -> Response,
    run: @Sendable (Int) async throws -> Void
) async throws {
    let (ports, report) = AsyncStream.makeStream(of: Int.self)
    let application = Application(
        responder: CallbackResponder(callback: respond), configuration: .init(address: .hostname("127.0.0.1", port: 0)),
        onServerRunning: { channel in
            report.yield(channel.localAddress?.port ?? 0)
            report.finish()
        })
    try await withThrowingTaskGroup { group in
        group.addTask { try await application.run() }
        for await port in ports { try await run(port) }
        group.cancelAll()
    }
}

/// Waits until the task is cancelled.
private func untilCancelled() async {
    let (never, continuation) = AsyncStream.makeStream(of: Never.self)
    for await _ in never {}
    continuation.finish()
}
