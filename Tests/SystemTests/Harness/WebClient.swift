import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization

/// An HTTP client that remembers every answer, so that a test can look for what must not be in any of them.
final class WebClient: Sendable {
    let base: String
    private let client: HTTPClient
    private let seen = Mutex<[String]>([])

    init(base: String) {
        self.base = base
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func shutdown() async throws { try await client.shutdown() }

    /// How many answers there were.
    var count: Int { seen.withLock { $0.count } }

    /// The answers after the first `count`, path, status, head and body.
    func answers(after count: Int) -> [String] { seen.withLock { Array($0.dropFirst(count)) } }

    func get(_ path: String, token: String? = nil) async throws -> WebAnswer {
        try await send("GET", path, headers: Self.bearer(token))
    }

    func post(
        _ path: String, _ json: String = "{}", token: String? = nil, headers: [(String, String)] = []
    ) async throws -> WebAnswer {
        try await send(
            "POST", path, headers: Self.bearer(token) + [("Content-Type", "application/json")] + headers, body: Array(json.utf8))
    }

    func send(
        _ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8]? = nil, chunked: Bool = false
    ) async throws -> WebAnswer {
        var request = HTTPClientRequest(url: base + path)
        request.method = HTTPMethod(rawValue: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(body, length: chunked ? .unknown : .known(Int64(body.count))) }
        let response = try await client.execute(request, timeout: .seconds(30))
        let bytes = Array(try await response.body.collect(upTo: 4 * 1024 * 1024).readableBytesView)
        let answer = WebAnswer(status: Int(response.status.code), headers: response.headers, body: bytes)
        seen.withLock { $0.append("\(path) \(answer.status) \(response.headers) \(answer.text)") }
        return answer
    }

    static func bearer(_ token: String?) -> [(String, String)] { token.map { [("Authorization", "Bearer \($0)")] } ?? [] }
}

/// An answer, read by dotted paths: `order.payments.0.state`.
struct WebAnswer: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    func header(_ name: String) -> String? { headers.first(name: name) }
    func string(_ path: String) -> String? { value(path) as? String }
    func integer(_ path: String) -> Int64? { (value(path) as? NSNumber)?.int64Value }
    func count(_ path: String) -> Int? { (value(path) as? [Any])?.count }
    /// Whether there is something else than null.
    func has(_ path: String) -> Bool { value(path).map { !($0 is NSNull) } ?? false }

    private func value(_ path: String) -> Any? {
        var value: Any? = try? JSONSerialization.jsonObject(with: Data(body), options: [.fragmentsAllowed])
        for name in path.split(separator: ".") {
            if let list = value as? [Any], let index = Int(name) {
                value = list.indices.contains(index) ? list[index] : nil
            } else {
                value = (value as? [String: Any])?[String(name)]
            }
        }
        return value
    }
}
