import HTTPTypes

/// How requests reach WeChat: one method, so that a sandbox, a proxy or a recording is easily put in its place.
///
/// A transport never follows a redirect and never retries; both are for the client to decide. A client identity (mutual
/// TLS) belongs to the transport's instance.
public protocol Transport: Sendable {
    /// Sends one request and returns as soon as the head of the answer is there.
    ///
    /// - Parameters:
    ///   - request: what to send; its body is complete.
    ///   - deadline: how long the whole exchange may take, answer body included.
    /// - Throws: ``WeChatPayError`` with code `transport` when there was no connection or it broke, `timeout` when the
    ///   deadline passed. In both cases the request may have taken effect.
    func send(_ request: TransportRequest, deadline: Duration) async throws -> TransportResponse
}

/// A whole HTTP request.
public struct TransportRequest: Sendable {
    /// Method, scheme, authority, path with query as sent, and header fields.
    public var head: HTTPRequest
    /// The body; empty for none.
    public var body: [UInt8]

    /// A request out of its parts.
    public init(head: HTTPRequest, body: [UInt8] = []) {
        self.head = head
        self.body = body
    }
}

/// The head of an answer and a way to read its body.
public struct TransportResponse: Sendable {
    /// Status and header fields.
    public var head: HTTPResponse
    /// The body, in chunks as they arrive.
    public var body: ResponseBody

    /// An answer out of its parts.
    public init(head: HTTPResponse, body: ResponseBody) {
        self.head = head
        self.body = body
    }
}

/// The body of an answer, in chunks. Can be read once.
public struct ResponseBody: AsyncSequence, Sendable {
    public typealias Element = [UInt8]

    private let makeNext: @Sendable () -> AsyncIterator

    /// A body that is already there.
    public init(_ bytes: [UInt8]) {
        makeNext = {
            var rest: [UInt8]? = bytes.isEmpty ? nil : bytes
            return AsyncIterator { _ in
                defer { rest = nil }
                return rest
            }
        }
    }

    /// A body that arrives in chunks.
    public init<Chunks: AsyncSequence & Sendable>(_ chunks: Chunks) where Chunks.Element == [UInt8] {
        makeNext = {
            var iterator = chunks.makeAsyncIterator()
            return AsyncIterator { isolation in try await iterator.next(isolation: isolation) }
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { makeNext() }

    /// Reads chunk by chunk.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let body: (isolated (any Actor)?) async throws -> [UInt8]?

        init(_ body: @escaping (isolated (any Actor)?) async throws -> [UInt8]?) {
            self.body = body
        }

        public mutating func next() async throws -> [UInt8]? { try await body(#isolation) }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> [UInt8]? {
            try await body(actor)
        }
    }

    /// Reads all of it, at most `limit` bytes.
    ///
    /// - Throws: ``WeChatPayError`` with code `responseTooLarge` when there is more, and what the transport throws.
    public func collect(upTo limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await chunk in self {
            guard bytes.count + chunk.count <= limit else {
                throw WeChatPayError(.responseTooLarge, "the answer is longer than \(limit) bytes")
            }
            bytes += chunk
        }
        return bytes
    }
}
