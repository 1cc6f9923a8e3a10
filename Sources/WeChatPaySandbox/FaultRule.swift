import PaymentPrimitives
import Synchronization

/// Something that goes wrong on purpose: which calls or notifications, and how.
public struct FaultRule: Sendable, Equatable {
    /// Which calls or notifications.
    public var match: Match
    /// What happens to them.
    public var action: Action

    /// A rule out of its parts.
    public init(_ match: Match = Match(), _ action: Action) {
        self.match = match
        self.action = action
    }

    /// Which calls or notifications a rule is about; what is `nil` does not matter.
    public struct Match: Sendable, Equatable {
        /// The path without its query, of the call or of the `notify_url`; `*` stands for any characters.
        public var path: String?
        /// The merchant number.
        public var mchid: String?
        /// Only the nth of those that match, from 1.
        public var nth: Int?
        /// Only some of those that match, by chance: 0 to 1.
        public var probability: Double?
        /// Whether it is about WeChat's answers or its notifications.
        public var on: Place

        /// What a rule is about.
        public init(
            path: String? = nil, mchid: String? = nil, nth: Int? = nil, probability: Double? = nil, on: Place = .answer
        ) {
            self.path = path
            self.mchid = mchid
            self.nth = nth
            self.probability = probability
            self.on = on
        }
    }

    /// Where a fault happens.
    public enum Place: String, Sendable, CaseIterable {
        /// At the answer to a call.
        case answer
        /// At a notification.
        case notification
    }

    /// What happens.
    public enum Action: Sendable, Equatable {
        /// The signature begins with `WECHATPAY/SIGNTEST/`, as WeChat probes its merchants. Of a notification only the first
        /// attempt; when it is refused, as it must be, the next one is right.
        case signtest
        /// The signature is one of other bytes.
        case wrongSignature
        /// There are no signature headers.
        case noSignature
        /// The call is not done, and answered with this HTTP status (400 to 599) and code.
        case status(Int, code: String)
        /// More calls than this of one merchant to one path within a time on the wire clock are refused with 429
        /// FREQUENCY_LIMITED, and not done.
        case frequencyLimit(limit: Int, seconds: Int64)
        /// The connection breaks and nothing is done. Of a notification: it is not sent.
        case timeoutBefore
        /// The call is done, and the connection breaks without an answer. Of a notification: it is sent, and its answer is
        /// lost, so it comes again.
        case timeoutAfter
        /// Only half of the body arrives.
        case truncate
    }
}

/// A fault rule that is in force.
public struct ActiveFault: Sendable, Equatable {
    /// Its id.
    public let id: String
    /// What it says.
    public let rule: FaultRule
    /// How many calls or notifications it was about.
    public internal(set) var seen = 0
    /// How often it was applied.
    public internal(set) var applied = 0
}

extension Sandbox {
    /// Puts a fault rule into force. Of several that would apply to one call the one made first does. Rules do not survive
    /// a restart. Calls that are refused for their signature are not touched.
    ///
    /// - Throws: ``SandboxError`` with code `invalidArgument`.
    @discardableResult
    public func addFault(_ rule: FaultRule) throws -> ActiveFault {
        try rule.check()
        return shared.withLock { $0.faults.add(rule) }
    }

    /// The fault rules in force, in the order in which they were made.
    public var faults: [ActiveFault] { shared.withLock { $0.faults.active } }

    /// Removes one fault rule, or all.
    ///
    /// - Throws: ``SandboxError`` with code `notFound`.
    public func removeFaults(id: String? = nil) throws {
        try shared.withLock { try $0.faults.remove(id) }
    }

    func takeFault(on place: FaultRule.Place, path: String?, mchid: String?, _ wire: Timestamp) -> FaultRule.Action? {
        let path = String((path ?? "").prefix { $0 != "?" })
        return shared.withLock { $0.faults.take(.init(place: place, path: path, mchid: mchid, isRepeated: false), wire, random) }
    }
}
