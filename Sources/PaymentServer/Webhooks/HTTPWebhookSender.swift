import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import PaymentPrimitives
import Payments

/// Sends webhooks over HTTP.
///
/// The host is resolved for each attempt, every address is checked, and the connection goes to one that was: a name server
/// that answers differently the second time gains nothing. TLS still sees the host's name. Redirects are not followed.
package struct HTTPWebhookSender: WebhookSender {
    /// How much of an answer is read, and how much of it is logged, in bytes.
    private static let answerLimit = 64 * 1024
    private static let logLimit = 1024

    private let clock: any WallClock
    private let limit: Duration
    private let logger: Logger

    /// - Parameters:
    ///   - clock: wire time, by which receivers judge the age of a message.
    ///   - limit: how long an attempt may take.
    package init(clock: any WallClock, limit: Duration = .seconds(5), logger: Logger) {
        self.clock = clock
        self.limit = limit
        self.logger = logger
    }

    @concurrent
    package func send(_ message: WebhookMessage, to endpoint: WebhookEndpoint, attempt: Int64) async -> WebhookAttempt {
        let started = clock.now
        var answer: [UInt8] = []
        let result: WebhookAttempt
        do {
            let target = try Target(endpoint.url)
            let answered = try await within(started.advanced(by: limit)) {
                try await post(message, to: endpoint, target, attempt)
            }
            answer = answered.body
            result = WebhookAttempt(status: answered.status)
        } catch {
            result = WebhookAttempt(error: Self.words(error))
        }
        let took = clock.now.since(started).wholeMilliseconds
        logger.log(
            level: result.isDelivered ? .info : .warning,
            result.isDelivered ? "webhook delivered" : "webhook not delivered: \(result.error ?? "")",
            metadata: [
                "client": "\(endpoint.client)", "event": "\(message.id)", "type": "\(message.kind)", "attempt": "\(attempt)",
                "url": "\(Target.shown(endpoint.url))", "status": "\(result.status.map(String.init) ?? "none")", "ms": "\(took)",
                "answer": "\(WebhookAnswerText.shown(Array(answer.prefix(Self.logLimit)), message, endpoint))",
            ])
        return result
    }

    private struct Answer: Sendable {
        let status: Int
        let body: [UInt8]
    }

    private func post(
        _ message: WebhookMessage, to endpoint: WebhookEndpoint, _ target: Target, _ attempt: Int64
    ) async throws -> Answer {
        let address = try await target.address(allowingPrivate: endpoint.allowsPrivateAddresses, attempt: attempt)
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5)))
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        // As it is written and as it may be lowered: without an entry the client would ask the name server once more.
        for name in [target.host, target.host.lowercased()] { configuration.dnsOverride[name] = address.text }
        // A client of its own, since the override belongs to a client, and it must not outlive the check.
        let client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
        let outcome: Result<Answer, any Error>
        do {
            outcome = .success(try await exchange(request(message, endpoint), over: client))
        } catch {
            outcome = .failure(error)
        }
        try? await client.shutdown()
        return try outcome.get()
    }

    private func request(_ message: WebhookMessage, _ endpoint: WebhookEndpoint) -> HTTPClientRequest {
        let timestamp = clock.now.seconds
        var request = HTTPClientRequest(url: endpoint.url)
        request.method = .POST
        request.headers = [
            "content-type": "application/json", "user-agent": "wechatpay-webhooks", "webhook-id": message.id,
            "webhook-timestamp": String(timestamp),
            "webhook-signature": WebhookSignature.value(
                id: message.id, timestamp: timestamp, body: message.body, keys: endpoint.keys),
        ]
        request.body = .bytes(message.body, length: .known(Int64(message.body.count)))
        return request
    }

    private func exchange(_ request: HTTPClientRequest, over client: HTTPClient) async throws -> Answer {
        let response = try await client.execute(request, timeout: TimeAmount(limit))
        var body: [UInt8] = []
        do {
            for try await chunk in response.body {
                body += chunk.readableBytesView.prefix(Self.answerLimit - body.count)
                if body.count >= Self.answerLimit { break }
            }
        } catch {
            // The status is the answer; what follows it is only for the log.
        }
        return Answer(status: Int(response.status.code), body: body)
    }

    struct TooLate: Error {}

    private func within<Value: Sendable>(
        _ deadline: Timestamp, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let clock = clock
        return try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await clock.sleep(until: deadline)
                throw TooLate()
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }

    /// What went wrong, in words that show neither the query of the URL nor a secret.
    private static func words(_ error: any Error) -> String {
        switch error {
        case let refusal as Target.Refusal: refusal.reason
        case is TooLate: "no answer in time"
        case is CancellationError: "interrupted"
        case let error as HTTPClientError where [.deadlineExceeded, .connectTimeout, .cancelled].contains(error):
            "no answer in time"
        case let error as HTTPClientError: "no answer: \(error.shortDescription)"
        default: "no connection: \(WebhookAnswerText.oneLine("\(error)").prefix(200))"
        }
    }
}
