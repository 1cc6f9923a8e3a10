import PaymentPrimitives

/// What arrived at the sandbox and what was answered.
public struct RecordedRequest: Sendable, Equatable {
    /// Counts from 1 since the sandbox was started.
    public let number: Int
    /// When it arrived, in wire time.
    public let arrivedAt: Timestamp
    /// The HTTP method.
    public let method: String
    /// Path and query as sent, without the app's secret.
    public let path: String
    /// The merchant number in `Authorization`, also when the signature is wrong.
    public let mchid: String?
    /// The request body, at most its first 16 KiB.
    public let body: String
    /// The HTTP status of the answer.
    public let status: Int
    /// The code in the answer's body, `nil` for a success.
    public let code: String?
    /// The answer's body, at most its first 16 KiB, without the session key.
    public let answer: String
    /// The answer's `Request-ID`.
    public let requestID: String
    /// Why the signature was refused, where that could be found out.
    public let cause: SignatureCause?
    /// What a fault rule did to the answer, for example `timeout_after`; `nil` when none was applied.
    public let fault: String?
}

/// What is wrong with a request's signature.
public struct SignatureCause: Sendable, Equatable, CustomStringConvertible {
    /// A stable name, for example `no_last_newline`.
    public let code: String
    /// The explanation in English.
    public let english: String
    /// The explanation in Chinese.
    public let chinese: String

    public var description: String { english }
}

/// Something that the sandbox let pass and WeChat might not.
public struct SandboxWarning: Sendable, Equatable {
    /// A stable name, for example `close_too_early`.
    public let code: String
    /// The merchant that it is about.
    public let mchid: String?
    /// What WeChat would say, and what to change.
    public let message: String
    /// How often it has happened.
    public internal(set) var count: Int
    /// When it last happened, in wire time.
    public internal(set) var lastSeen: Timestamp
}
