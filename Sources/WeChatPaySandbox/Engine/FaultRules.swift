import Foundation
import PaymentPrimitives
import Synchronization

/// The fault rules and what they have counted: a value that decides, and does nothing itself.
struct FaultRules: Sendable {
    /// What a rule is asked about.
    struct Occasion: Sendable {
        let place: FaultRule.Place
        let path: String
        let mchid: String?
        /// Of a notification, whether it was tried before.
        let isRepeated: Bool
    }

    private(set) var active: [ActiveFault] = []
    private var count = 0
    /// For each rule that limits the frequency, by merchant and path, when it let calls through.
    private var passed: [String: [Int64]] = [:]

    mutating func add(_ rule: FaultRule) -> ActiveFault {
        count += 1
        let fault = ActiveFault(id: "fault-\(count)", rule: rule)
        active.append(fault)
        return fault
    }

    mutating func remove(_ id: String?) throws(SandboxError) {
        guard let id else {
            active = []
            passed = [:]
            return
        }
        guard let index = active.firstIndex(where: { $0.id == id }) else {
            throw SandboxError(.notFound, "there is no fault rule \(id)")
        }
        active.remove(at: index)
        passed = passed.filter { !$0.key.hasPrefix(id + " ") }
    }

    /// What happens on an occasion. Every rule that is about it counts it; the first one that applies decides.
    mutating func take(_ occasion: Occasion, _ wire: Timestamp, _ random: any RandomSource) -> FaultRule.Action? {
        var action: FaultRule.Action?
        for index in active.indices where active[index].rule.match.covers(occasion) {
            active[index].seen += 1
            let fault = active[index]
            guard action == nil, applies(fault, occasion, wire, random) else { continue }
            active[index].applied += 1
            action = fault.rule.action
        }
        return action
    }

    private mutating func applies(
        _ fault: ActiveFault, _ occasion: Occasion, _ wire: Timestamp, _ random: any RandomSource
    ) -> Bool {
        if fault.rule.action == .signtest, occasion.isRepeated { return false }
        if let nth = fault.rule.match.nth, nth != fault.seen { return false }
        if let probability = fault.rule.match.probability, !random.happens(probability) { return false }
        guard case .frequencyLimit(let limit, let seconds) = fault.rule.action else { return true }
        // A pattern is what an interface is here, and an interface has one limit, whatever numbers its paths hold.
        let key = "\(fault.id) \(occasion.mchid ?? "") \(fault.rule.match.path ?? occasion.path)"
        let now = wire.milliseconds
        var times = (passed[key] ?? []).filter { $0 > now - seconds * 1000 }
        let isFull = times.count >= limit
        if !isFull { times.append(now) }
        passed[key] = times
        return isFull
    }
}

extension FaultRule.Match {
    fileprivate func covers(_ occasion: FaultRules.Occasion) -> Bool {
        on == occasion.place && (mchid == nil || mchid == occasion.mchid) && (path.map { Self.fits(occasion.path, $0) } ?? true)
    }

    /// Whether a text fits a pattern in which `*` stands for any characters, none included.
    static func fits(_ text: String, _ pattern: String) -> Bool {
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard let first = parts.first, let last = parts.last, parts.count > 1 else { return text == pattern }
        guard text.hasPrefix(first), text.dropFirst(first.count).hasSuffix(last) else { return false }
        var rest = text.dropFirst(first.count).dropLast(last.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let found = rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return true
    }
}

extension FaultRule {
    func check() throws(SandboxError) {
        func wrong(_ message: String) -> SandboxError { SandboxError(.invalidArgument, message) }
        if let nth = match.nth, nth < 1 { throw wrong("match.nth counts from 1") }
        if let probability = match.probability, !(0...1).contains(probability) {
            throw wrong("match.probability must be a number from 0 to 1")
        }
        switch action {
        case .status(let status, let code):
            guard (400...599).contains(status) else { throw wrong("status must be 400 to 599") }
            guard !code.isEmpty else { throw wrong("code must not be empty") }
        case .frequencyLimit(let limit, let seconds):
            guard limit >= 0 else { throw wrong("limit must be 0 or more calls") }
            guard (1...86_400).contains(seconds) else { throw wrong("seconds must be 1 to 86400") }
            guard match.nth == nil, match.probability == nil else {
                throw wrong("frequency_limit counts by itself: leave match.nth and match.probability out")
            }
        default: return
        }
        guard match.on == .answer else { throw wrong("\(action.name) is about answers, not about notifications") }
    }
}

extension FaultRule.Action {
    /// How the control calls name it.
    var name: String {
        switch self {
        case .signtest: "signtest"
        case .wrongSignature: "wrong_signature"
        case .noSignature: "no_signature"
        case .status: "status"
        case .frequencyLimit: "frequency_limit"
        case .timeoutBefore: "timeout_before"
        case .timeoutAfter: "timeout_after"
        case .truncate: "truncate"
        }
    }

    /// What is answered without doing the call; `nil` when the call is done.
    var answerInstead: Answer? {
        switch self {
        case .status(let status, let code):
            Answer(Fault(status, code, "沙箱按故障规则返回的错误", number: 268_435_457))
        case .frequencyLimit:
            Answer(Fault(429, "FREQUENCY_LIMITED", "频率限制，请降低请求频率后重试", number: 268_447_840))
        case .timeoutBefore: Answer(status: 0)
        default: nil
        }
    }

    /// How the answer reaches the caller.
    var ending: Sandbox.Reply.Ending {
        switch self {
        case .timeoutBefore, .timeoutAfter: .dropped
        case .truncate: .truncated
        default: .whole
        }
    }
}

extension Sandbox {
    func takeFault(on delivery: Delivery) -> FaultRule.Action? {
        let path = URLComponents(string: delivery.notifyURL)?.percentEncodedPath ?? ""
        let occasion = FaultRules.Occasion(
            place: .notification, path: path, mchid: delivery.mchid, isRepeated: !delivery.attempts.isEmpty)
        return shared.withLock { $0.faults.take(occasion, clock.now, random) }
    }
}
