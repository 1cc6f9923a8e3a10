import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// What the demonstration says over HTTP, to the sandbox's control calls and to the server.
struct DemoHTTP: Sendable {
    func get(_ url: String, token: String?) async throws -> DemoJSON {
        var request = HTTPClientRequest(url: url)
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        return try await send(request)
    }

    func post(
        _ url: String, _ body: [String: any Sendable], token: String? = nil, idempotencyKey: String? = nil
    ) async throws -> DemoJSON {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let idempotencyKey { request.headers.add(name: "Idempotency-Key", value: idempotencyKey) }
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

/// Asks again until something is as it should be, at most about ten seconds.
func demoWait(_ what: String, _ condition: () async throws -> Bool) async throws {
    for _ in 0..<100 {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(100))
    }
    throw CommandFailure("waited in vain: \(what)")
}

/// What has to be true for the demonstration to have ended well.
func demoRequire(_ condition: Bool, _ message: @autoclosure () -> String) throws {
    guard condition else { throw CommandFailure(message()) }
}
