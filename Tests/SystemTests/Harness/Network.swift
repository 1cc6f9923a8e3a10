import Foundation
import HTTPTypes
import PaymentPrimitives
import Synchronization
import WeChatPay

/// The way from the server to WeChat: goes to the sandbox, counts, listens for session keys, and breaks when told to.
final class Network: Transport {
    enum Fault: Sendable, Equatable {
        /// WeChat never gets the request, and nobody answers.
        case lost
        /// WeChat does what it was asked, and the answer is lost.
        case answerLost
        /// A gateway's own 502, unsigned.
        case badGateway
        /// A 200 with a body that looks right, unsigned.
        case unsigned
        /// The true answer with another body below its signature.
        case tampered
    }

    private struct State {
        var faults: [(part: String, fault: Fault)] = []
        var requests: [String] = []
        var sessionKeys: [String] = []
    }

    private let next: any Transport
    private let state = Mutex(State())

    init(to next: any Transport) { self.next = next }

    /// Breaks every request whose path contains `part`, until ``heal()``.
    func fail(_ part: String, _ fault: Fault) { state.withLock { $0.faults.append((part, fault)) } }
    func heal() { state.withLock { $0.faults = [] } }

    /// `METHOD /path` of all that was asked for.
    var requests: [String] { state.withLock { $0.requests } }
    var sessionKeys: [String] { state.withLock { $0.sessionKeys } }

    func count(_ part: String) -> Int { requests.count { $0.contains(part) } }

    func send(_ request: TransportRequest, deadline: Duration) async throws -> TransportResponse {
        let path = request.head.path ?? ""
        let fault = state.withLock { state in
            state.requests.append("\(request.head.method.rawValue) \(path)")
            return state.faults.first { path.contains($0.part) }?.fault
        }
        switch fault {
        case .lost: throw WeChatPayError(.transport, "no way there")
        case .answerLost:
            _ = try await next.send(request, deadline: deadline)
            throw WeChatPayError(.timeout, "no answer in time")
        case .badGateway:
            return TransportResponse(head: .init(status: .badGateway), body: ResponseBody(Array("<html>502</html>".utf8)))
        case .unsigned:
            return TransportResponse(
                head: .init(status: .ok, headerFields: [.contentType: "application/json"]),
                body: ResponseBody(Array(#"{"prepay_id":"wx0000000000000000000000000000000000"}"#.utf8)))
        case .tampered:
            let answer = try await next.send(request, deadline: deadline)
            let body = try await answer.body.collect(upTo: 65_536)
            return TransportResponse(head: answer.head, body: ResponseBody(body + [0x20]))
        case nil: break
        }
        let answer = try await next.send(request, deadline: deadline)
        guard path.hasPrefix("/sns/jscode2session") else { return answer }
        let body = try await answer.body.collect(upTo: 65_536)
        if let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any],
            let key = object["session_key"] as? String
        {
            state.withLock { $0.sessionKeys.append(key) }
        }
        return TransportResponse(head: answer.head, body: ResponseBody(body))
    }
}
