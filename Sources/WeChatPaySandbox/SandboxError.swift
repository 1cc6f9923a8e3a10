/// Why the sandbox could not start, or why a control call cannot be done.
public struct SandboxError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    public let code: Code
    /// What is wrong, in which file or field, and what to do.
    public let message: String

    /// An error of a kind, with words.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The kind of failure.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String { case invalidSetup, invalidState, storage, notFound, invalidArgument }

        private let kind: Kind
        private init(_ kind: Kind) { self.kind = kind }
        public var description: String { kind.rawValue }

        /// A merchant, a user or a key of the setup cannot be used.
        public static let invalidSetup = Code(.invalidSetup)
        /// The stored state cannot be read: cut short, or of another format.
        public static let invalidState = Code(.invalidState)
        /// A file cannot be read or written.
        public static let storage = Code(.storage)
        /// There is no such merchant, user, order or delivery.
        public static let notFound = Code(.notFound)
        /// A control call says something that cannot be done.
        public static let invalidArgument = Code(.invalidArgument)
    }

    public static func == (left: SandboxError, right: SandboxError) -> Bool { left.code == right.code }

    public var description: String { "\(code): \(message)" }
}
