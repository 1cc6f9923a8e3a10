import Foundation
import Logging
import PaymentPrimitives
import Testing
import WeChatPaySandbox

@testable import WeChatPayCommand

@Suite("Webhooks to the merchant's systems", .serialized)
struct WebhookTests {
    static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    static let next = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

    /// A server whose client `scripts` is told at `/hook`, and the stranger, who sees another merchant, at `/stranger`.
    private func run(
        limit: Duration = .seconds(5), _ body: (RunningSystem, WebhookReceiver) async throws -> Void
    ) async throws {
        try await WebhookReceiver.run { receiver in
            var options = RunningSystem.Options()
            options.webhookLimit = limit
            let url = receiver.url
            options.configure = { folder in
                try folder.setWebhook(url + "/hook?token=hidden-token", secrets: [Self.secret])
                try folder.setWebhook(url + "/stranger", secrets: [Self.next], of: "stranger")
            }
            try await RunningSystem.run(options) { try await body($0, receiver) }
        }
    }

    private func delivery(_ system: RunningSystem, _ name: String) async throws -> String? {
        let list = try await system.web.get("/v1/webhooks/deliveries", token: system.apiKey)
        return list.string("deliveries.0.\(name)") ?? list.integer("deliveries.0.\(name)").map(String.init)
    }

    @Test("A payment that is notified ten times is told once, signed, and to nobody else")
    func once() async throws {
        try await run { system, receiver in
            let mark = system.mark
            let payment = try await system.payment()
            let truth = try system.forger.notification(system.forger.success(of: payment).json)
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<10 { group.addTask { try await system.notify(truth).status } }
                for try await status in group { #expect(status == 204) }
            }
            try await eventually("the event is delivered") { try await delivery(system, "state") == "delivered" }
            #expect(receiver.messages.map(\.path) == ["/hook?token=hidden-token"])
            let message = try #require(receiver.messages.first)
            #expect(message.signatures(with: Self.secret) == 1 && message.signatures(with: Self.next) == 0)
            let sent = try #require(Int64(message.header("webhook-timestamp")))
            #expect(abs(SystemClock().now.seconds - sent) < 60)
            let events = try await system.web.get("/v1/events", token: system.apiKey)
            #expect(events.string("events.0.id") == message.id)
            #expect(message.text.hasPrefix(#"{"type":"payment.paid","timestamp":""#))
            let data = try await system.rows.texts("SELECT data FROM outbox")
            #expect(data.count == 1 && message.text.hasSuffix(",\"data\":\(data[0])}"))

            let line = try #require(system.log.lines.first { $0.text.hasPrefix("webhook delivered") })
            #expect(line.text.contains("status=200") && line.text.contains("ms=") && !line.text.contains("hidden-token"))
            let strangers = try await system.web.get("/v1/webhooks/deliveries", token: system.strangerKey)
            #expect(strangers.count("deliveries") == 0)
            let replayed = try await system.web.post(
                "/v1/webhooks/deliveries/\(message.id)/replay", "", token: system.strangerKey)
            #expect(replayed.status == 404)
            system.expectNoSecrets(since: mark)
        }
    }

    @Test("What was answered with 500, with nothing or with a body without end is sent again, the same bytes")
    func again() async throws {
        try await run(limit: .milliseconds(500)) { system, receiver in
            receiver.answer(.status(500, "oops \(system.sandbox.users[0].openid)\nforged line"))
            let mark = system.mark
            _ = try await system.paidPayment()
            for (attempt, answer) in [WebhookReceiver.Answer.nothing, .endless, .status(204)].enumerated() {
                try await eventually("attempt \(attempt + 1) has failed") {
                    try await delivery(system, "attempts") == String(attempt + 1)
                }
                #expect(try await delivery(system, "state") == "pending")
                receiver.answer(answer)
                system.clock.advance(by: .seconds(300))
            }
            try await eventually("the event is delivered") { try await delivery(system, "state") == "delivered" }
            #expect(receiver.messages.count == 4)
            #expect(Set(receiver.messages.map(\.body)).count == 1 && Set(receiver.messages.map(\.id)).count == 1)
            #expect(receiver.messages.allSatisfy { $0.signatures(with: Self.secret) == 1 })
            let errors = system.log.lines(after: mark.lines).map(\.text).filter { $0.hasPrefix("webhook not delivered") }
            #expect(errors.count == 3)
            #expect(errors.first?.contains("the receiver answered 500") == true && errors.first?.contains("oops") == true)
            #expect(errors.dropFirst().first?.contains("no answer in time") == true)
            system.expectNoSecrets(since: mark)
        }
    }

    @Test("After a day in vain it is dead, an operator is told, and a replay delivers it")
    func dead() async throws {
        try await run { system, receiver in
            receiver.answer(.status(503))
            _ = try await system.paidPayment()
            for attempt in 1...11 {
                try await eventually("attempt \(attempt) has failed") {
                    try await delivery(system, "attempts") == String(attempt)
                }
                // The longest gap is ten hours, and a tenth.
                system.clock.advance(by: .seconds(40_000))
            }
            let list = try await system.web.get("/v1/webhooks/deliveries?state=dead", token: system.apiKey)
            let event = try #require(list.string("deliveries.0.event_id"))
            #expect(list.integer("deliveries.0.last_status") == 503)
            #expect(system.log.lines.contains { $0.level == .error && $0.text.contains(event) })
            let shown = try await system.web.get("/v1/webhooks/deliveries?event=\(event)&limit=1", token: system.apiKey)
            #expect(shown.count("deliveries") == 1 && !shown.has("cursor"))
            receiver.answer(.status(200))
            let path = "/v1/webhooks/deliveries/\(event)/replay"
            let replayed = try await system.web.post(path, "", token: system.apiKey)
            #expect(replayed.status == 200 && replayed.string("delivery.state") == "pending", "\(replayed.text)")
            try await eventually("the event is delivered") { try await delivery(system, "state") == "delivered" }
            #expect(Set(receiver.messages.map(\.body)).count == 1)
            for wrong in ["state=lost", "limit=0", "cursor=x", "status=dead"] {
                let answer = try await system.web.get("/v1/webhooks/deliveries?\(wrong)", token: system.apiKey)
                #expect(answer.status == 400 && answer.has("field"), "\(wrong)")
            }
        }
    }

    @Test("A reload changes secrets and addresses without losing an event")
    func reload() async throws {
        try await run { system, receiver in
            receiver.answer(.status(500))
            _ = try await system.paidPayment()
            try await eventually("the first attempt has failed") { try await delivery(system, "attempts") == "1" }
            // While the receiver moves to a new secret, both are right.
            try await system.reload { try $0.setWebhook(receiver.url + "/new", secrets: [Self.next, Self.secret]) }
            receiver.answer(.status(200))
            system.clock.advance(by: .seconds(10))
            try await eventually("the event is delivered") { try await delivery(system, "state") == "delivered" }
            let message = try #require(receiver.messages.last)
            #expect(message.path == "/new")
            #expect(message.signatures(with: Self.secret) == 1 && message.signatures(with: Self.next) == 1)
            // Without an address nothing is sent, and nothing is forgotten.
            try await system.reload { try $0.setWebhook(nil, secrets: []) }
            _ = try await system.paidPayment()
            try await system.reload { try $0.setWebhook(receiver.url + "/back", secrets: [Self.next]) }
            try await eventually("the second event is delivered") { receiver.messages.last?.path == "/back" }
            let last = try #require(receiver.messages.last)
            #expect(last.signatures(with: Self.secret) == 0 && last.signatures(with: Self.next) == 1)
            #expect(receiver.messages.count == 3)
        }
    }

    @Test("A redirect is not followed")
    func redirect() async throws {
        try await run { system, receiver in
            receiver.answer(.redirect(receiver.url + "/inward"))
            _ = try await system.paidPayment()
            try await eventually("the first attempt has failed") { try await delivery(system, "attempts") == "1" }
            #expect(try await delivery(system, "last_error") == "the receiver answered 307")
            #expect(receiver.messages.map(\.path) == ["/hook?token=hidden-token"])
        }
    }

    @Test("A name that leads to this machine is refused where private addresses are not allowed")
    func privateAddress() async throws {
        try await run { system, receiver in
            let port = receiver.url.split(separator: ":").last ?? ""
            // Decimal, which no check of the text would notice.
            try await system.reload {
                try $0.setWebhook("https://2130706433:\(port)/hook", secrets: [Self.secret], allowPrivate: false)
            }
            _ = try await system.paidPayment()
            try await eventually("the first attempt has failed") { try await delivery(system, "attempts") == "1" }
            #expect(try await delivery(system, "last_error")?.contains("127.0.0.1, which is not of the public internet") == true)
            #expect(receiver.messages.isEmpty)
        }
    }
}
