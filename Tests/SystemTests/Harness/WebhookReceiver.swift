import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import PaymentPrimitives
import ServiceLifecycle
import Synchronization
import Testing

@testable import WeChatPayCommand

/// A system of the merchant's that is told of events, over real HTTP.
final class WebhookReceiver: Sendable {
    struct Message: Sendable {
        let path: String
        let headers: HTTPFields
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        func header(_ name: String) -> String { HTTPField.Name(name).flatMap { headers[$0] } ?? "" }
        var id: String { header("webhook-id") }

        /// How many of the signatures are right with this secret, by what Standard Webhooks says and none of our code.
        func signatures(with secret: String) -> Int {
            let key = SymmetricKey(data: Data(base64Encoded: String(secret.dropFirst("whsec_".count))) ?? Data())
            let signed = Data("\(id).\(header("webhook-timestamp")).".utf8) + Data(body)
            let right = "v1," + Data(HMAC<SHA256>.authenticationCode(for: signed, using: key)).base64EncodedString()
            return header("webhook-signature").split(separator: " ").count { $0 == right }
        }
    }

    enum Answer: Sendable {
        case status(Int, String = "")
        case redirect(String)
        /// Nothing, until the receiver ends.
        case nothing
        /// A body without end.
        case endless
    }

    private struct State {
        var answer = Answer.status(200)
        var messages: [Message] = []
        var isOver = false
    }

    private let state = Mutex(State())
    private let port = Mutex(0)

    var messages: [Message] { state.withLock { $0.messages } }
    var url: String { "http://127.0.0.1:\(port.withLock { $0 })" }

    func answer(_ answer: Answer) { state.withLock { $0.answer = answer } }

    static func run(port: Int = 0, _ body: (WebhookReceiver) async throws -> Void) async throws {
        let receiver = WebhookReceiver()
        let router = Router()
        router.post("**") { request, _ in try await receiver.take(request) }
        router.get("**") { request, _ in try await receiver.take(request) }
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        var logger = Logger(label: "receiver")
        logger.logLevel = .critical
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { found.yield($0.localAddress?.port ?? 0) }, logger: logger)
        let group = ServiceGroup(configuration: .init(services: [.init(service: application)], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { found.finish() }
                try await group.run()
            }
            let port = try #require(await ports.first { _ in true })
            receiver.port.withLock { $0 = port }
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body(receiver)) } catch { outcome = .failure(error) }
            receiver.state.withLock { $0.isOver = true }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            try outcome.get()
        }
    }

    private func take(_ request: Request) async throws -> Response {
        let body = Array(try await request.body.collect(upTo: 1024 * 1024).readableBytesView)
        let message = Message(path: request.uri.description, headers: request.headers, body: body)
        let answer = state.withLock { state in
            state.messages.append(message)
            return state.answer
        }
        switch answer {
        case .status(let code, let text):
            return Response(status: .init(code: code), body: .init(byteBuffer: ByteBuffer(string: text)))
        case .redirect(let target): return Response(status: .temporaryRedirect, headers: [.location: target])
        case .nothing:
            let clock = SystemClock()
            while !state.withLock({ $0.isOver }) { try await clock.sleep(until: clock.now.advanced(by: .milliseconds(5))) }
            return Response(status: .ok)
        case .endless:
            return Response(
                status: .internalServerError,
                body: .init { [self] writer in
                    let chunk = ByteBuffer(repeating: 0x61, count: 16 * 1024)
                    while !state.withLock({ $0.isOver }) { try await writer.write(chunk) }
                    try await writer.finish(nil)
                })
        }
    }
}

extension TemporaryFolder {
    /// Gives a client of `server.yaml` a webhook, in place of the one that it has.
    func setWebhook(_ url: String?, secrets: [String], of client: String = "scripts", allowPrivate: Bool = true) throws {
        let begin = "{ name: \(client), "
        var yaml = try text("server.yaml")
        if let start = yaml.range(of: begin + "webhook_"),
            let end = yaml.range(of: "merchants:", range: start.upperBound..<yaml.endIndex)
        {
            yaml.replaceSubrange(start.lowerBound..<end.lowerBound, with: begin)
        }
        if let url {
            for (index, secret) in secrets.enumerated() { try write("keys/hook_\(client)_\(index)", secret) }
            let previous = secrets.count > 1 ? "webhook_previous_secret_file: keys/hook_\(client)_1, " : ""
            yaml = yaml.replacingOccurrences(
                of: begin,
                with: begin + "webhook_url: \"\(url)\", webhook_secret_file: keys/hook_\(client)_0, \(previous)"
                    + "webhook_allow_private: \(allowPrivate), ")
        }
        try write("server.yaml", yaml)
    }
}
