import AsyncHTTPClient
import HTTPTypes
import NIOCore
import NIOHTTP1

/// The usual transport: HTTP/1.1 over AsyncHTTPClient.
///
/// TLS certificates are verified; redirects are not followed. The deadline holds for the answer's body too.
public struct AsyncHTTPClientTransport: Transport {
    private let client: HTTPClient

    /// A transport over a client.
    ///
    /// - Parameter client: proxy, TLS (a client certificate too), pool and connect time-out are its own affair. It must
    ///   not follow redirects: make its configuration with `redirectConfiguration: .disallow`; an answer behind a redirect
    ///   is refused. The default is shared by the process and needs no shutdown.
    public init(client: HTTPClient? = nil) {
        self.client = client ?? Self.shared
    }

    private static let shared: HTTPClient = {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5)))
        configuration.httpVersion = .http1Only
        // A refused connection is known at once; whether it is worth another try, the client decides.
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }()

    public func send(_ request: TransportRequest, deadline: Duration) async throws -> TransportResponse {
        let deadline = NIODeadline.now() + .milliseconds(max(0, deadline.wholeMilliseconds))
        let head = request.head
        var message = HTTPClientRequest(url: "\(head.scheme ?? "https")://\(head.authority ?? "")\(head.path ?? "/")")
        message.method = HTTPMethod(rawValue: head.method.rawValue)
        for field in head.headerFields { message.headers.add(name: field.name.rawName, value: field.value) }
        if !request.body.isEmpty { message.body = .bytes(request.body, length: .known(Int64(request.body.count))) }
        do {
            let answer = try await client.execute(message, deadline: deadline)
            guard answer.history.count <= 1 else {
                throw WeChatPayError(.transport, "a redirect was followed: configure the HTTPClient with .disallow")
            }
            var fields = HTTPFields()
            for (name, value) in answer.headers {
                guard let name = HTTPField.Name(name) else { continue }
                fields.append(HTTPField(name: name, value: value))
            }
            return TransportResponse(
                head: HTTPResponse(status: .init(code: Int(answer.status.code)), headerFields: fields),
                body: ResponseBody(Chunks(body: answer.body, deadline: deadline)))
        } catch {
            throw Self.translated(error)
        }
    }

    /// An error of the client as one of ours; none of them shows the URL.
    fileprivate static func translated(_ error: any Error) -> WeChatPayError {
        if let error = error as? WeChatPayError { return error }
        let timeouts: [HTTPClientError] = [
            .deadlineExceeded, .connectTimeout, .readTimeout, .writeTimeout, .getConnectionFromPoolTimeout,
            .tlsHandshakeTimeout, .httpProxyHandshakeTimeout, .socksHandshakeTimeout,
        ]
        if let error = error as? HTTPClientError, timeouts.contains(error) {
            return WeChatPayError(.timeout, "no answer in time; the request may have taken effect", underlying: error)
        }
        if case .connectTimeout = error as? ChannelError {
            return WeChatPayError(.timeout, "no connection in time", underlying: error)
        }
        return .transport(error)
    }
}

/// The body of an answer with a deadline, which AsyncHTTPClient's own deadline does not cover.
private struct Chunks: AsyncSequence, Sendable {
    typealias Element = [UInt8]

    let body: HTTPClientResponse.Body
    let deadline: NIODeadline

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(reader: Reader(body.makeAsyncIterator()), deadline: deadline)
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        let reader: Reader
        let deadline: NIODeadline

        mutating func next() async throws -> [UInt8]? {
            do {
                return try await withThrowingTaskGroup(of: [UInt8]?.self) { [reader, deadline] group in
                    group.addTask { try await reader.next() }
                    group.addTask {
                        try await wait(until: deadline)
                        throw HTTPClientError.deadlineExceeded
                    }
                    defer { group.cancelAll() }
                    return try await group.next() ?? nil
                }
            } catch {
                throw AsyncHTTPClientTransport.translated(error)
            }
        }
    }

    /// Holds the iterator while child tasks pull from it, one at a time.
    actor Reader {
        private var iterator: HTTPClientResponse.Body.AsyncIterator

        init(_ iterator: sending HTTPClientResponse.Body.AsyncIterator) {
            self.iterator = iterator
        }

        func next() async throws -> [UInt8]? {
            var iterator = iterator
            let chunk = try await iterator.next(isolation: self)
            self.iterator = iterator
            return chunk.map { Array($0.readableBytesView) }
        }
    }
}

/// Waits on an event loop's timer; ends early, with an error, when the task is cancelled.
private func wait(until deadline: NIODeadline) async throws {
    let timer = HTTPClient.defaultEventLoopGroup.any().scheduleTask(deadline: deadline) {}
    try await withTaskCancellationHandler {
        try await timer.futureResult.get()
    } onCancel: {
        timer.cancel()
    }
}
