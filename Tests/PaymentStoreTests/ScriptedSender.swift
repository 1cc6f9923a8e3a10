import PaymentPrimitives
import Payments
import Synchronization

/// A receiver that answers as told, and remembers what it got.
final class ScriptedSender: WebhookSender {
    private struct State {
        var answer: @Sendable (WebhookMessage) async -> WebhookAttempt = { _ in WebhookAttempt(status: 204) }
        var messages: [(client: String, message: WebhookMessage)] = []
    }

    private let state = Mutex(State())

    /// The ids of what came, oldest first.
    var ids: [String] { state.withLock { $0.messages.map(\.message.id) } }
    var bodies: [[UInt8]] { state.withLock { $0.messages.map(\.message.body) } }
    func ids(of client: String) -> [String] {
        state.withLock { $0.messages.filter { $0.client == client }.map(\.message.id) }
    }

    func answer(_ answer: @escaping @Sendable (WebhookMessage) async -> WebhookAttempt) {
        state.withLock { $0.answer = answer }
    }

    func answer(_ status: Int) { answer { _ in WebhookAttempt(status: status) } }

    func send(_ message: WebhookMessage, to endpoint: WebhookEndpoint, attempt: Int64) async -> WebhookAttempt {
        let answer = state.withLock { state in
            state.messages.append((endpoint.client, message))
            return state.answer
        }
        return await answer(message)
    }
}
