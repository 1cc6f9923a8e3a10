import AsyncHTTPClient
import HTTPTypes
import NIOCore
import NIOHTTP1
import WeChatPay
import WeChatPayV2

/// Sends notifications as WeChat does: five seconds for everything, and no redirect is followed.
struct NotificationSender: Sendable {
    private let client: HTTPClient

    init() {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(5)
        // Nobody there is an answer too: the schedule tries again.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func send(_ notification: TransportRequest) async throws -> Int {
        let head = notification.head
        var request = HTTPClientRequest(url: "\(head.scheme ?? "http")://\(head.authority ?? "")\(head.path ?? "/")")
        request.method = .POST
        for field in head.headerFields { request.headers.add(name: field.name.rawName, value: field.value) }
        request.body = .bytes(ByteBuffer(bytes: notification.body))
        let response = try await client.execute(request, timeout: .seconds(5))
        // Of API v3 nobody looks at the body; it is read so that the receiver can finish writing it.
        let body = try? await response.body.collect(upTo: 65_536)
        if head.headerFields[.contentType] == "text/xml", response.status == .ok {
            let fields = try? XMLReader.read(Array(body?.readableBytesView ?? ByteBufferView(ByteBuffer())))
            guard fields?["return_code"] == "SUCCESS" else {
                let said = fields?["return_msg"] ?? "a body that is no XML with return_code"
                throw SandboxError(.invalidArgument, "the receiver answered 200, but not SUCCESS: \(said)")
            }
        }
        return Int(response.status.code)
    }

    func shutdown() async throws {
        try await client.shutdown()
    }
}
