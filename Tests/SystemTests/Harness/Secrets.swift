import Foundation
import Logging
import PaymentPrimitives
import Testing
import WeChatPaySandbox

/// Looks for what nobody may read.
struct Secrets {
    private var needles: [(name: String, text: String)] = []
    private var openids: [String] = []

    init(of system: RunningSystem) {
        for merchant in system.sandbox.merchants {
            needles.append(
                ("API v3 key of \(merchant.mchid)", merchant.apiV3Key.withBytes { String(decoding: $0, as: UTF8.self) }))
            needles.append(
                ("app secret of \(merchant.appid)", merchant.appSecret.withBytes { String(decoding: $0, as: UTF8.self) }))
            for pem in [merchant.privateKeyPEM, merchant.platformPrivateKeyPEM, merchant.publicKeyPrivatePEM] {
                for line in pem.split(separator: "\n") where !line.hasPrefix("-----") && line.count > 40 {
                    needles.append(("private key of \(merchant.mchid)", String(line)))
                }
            }
        }
        needles += [("API key", system.apiKey), ("API key", system.strangerKey), ("PEM", "PRIVATE KEY")]
        needles += [("API v2 key", V2WeChat.key)]
        needles += system.network.sessionKeys.map { ("session_key", $0) }
        openids = system.sandbox.users.map(\.openid)
    }

    /// The names of the secrets in a log's text.
    func inLog(_ text: String) -> [String] {
        found(text) + openids.filter { text.contains($0) }.map { _ in "openid" }
    }

    /// The names of the secrets in an answer. `/v1` tells the payer's openid to whoever has its key.
    func inAnswer(_ text: String) -> [String] { text.hasPrefix("/v1/") ? found(text) : inLog(text) }

    private func found(_ text: String) -> [String] { needles.filter { text.contains($0.text) }.map(\.name) }
}

extension RunningSystem {
    /// Where the log and the answers stand.
    struct Mark: Sendable {
        let lines: Int
        let answers: Int
    }

    var mark: Mark { Mark(lines: log.count, answers: web.count) }

    /// No secret in anything that was logged or answered since then, and no line that a caller could have forged.
    func expectNoSecrets(since mark: Mark, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation) {
        let secrets = Secrets(of: self)
        for line in log.lines(after: mark.lines) {
            let found = secrets.inLog(line.text)
            #expect(found.isEmpty, "in the log: \(line.text)", sourceLocation: sourceLocation)
            #expect(
                !line.text.utf8.contains { $0 < 0x20 }, "a line break in the log: \(line.text)", sourceLocation: sourceLocation)
        }
        for answer in web.answers(after: mark.answers) {
            #expect(secrets.inAnswer(answer).isEmpty, "in an answer: \(answer)", sourceLocation: sourceLocation)
        }
    }

    /// A hostile input: refused, nothing changed, a line in the log, no secret anywhere.
    func expectRefused(
        _ statuses: ClosedRange<Int> = 400...599, logged: ClosedRange<Int> = 1...2,
        sourceLocation: SourceLocation = #_sourceLocation, _ attack: () async throws -> [WebAnswer]
    ) async throws {
        let mark = mark
        let before = try await rows.snapshot()
        let answers = try await attack()
        #expect(!answers.isEmpty, sourceLocation: sourceLocation)
        for answer in answers {
            #expect(statuses.contains(answer.status), "\(answer.text)", sourceLocation: sourceLocation)
        }
        let after = try await rows.snapshot()
        #expect(after == before, sourceLocation: sourceLocation)
        let lines = log.lines(after: mark.lines).filter { $0.level >= .warning }
        let expected = logged.lowerBound * answers.count...logged.upperBound * answers.count
        #expect(expected.contains(lines.count), "\(lines.map(\.text))", sourceLocation: sourceLocation)
        expectNoSecrets(since: mark, sourceLocation: sourceLocation)
    }
}
