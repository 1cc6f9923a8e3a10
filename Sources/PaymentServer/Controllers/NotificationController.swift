import HTTPTypes
import Hummingbird
import PaymentPrimitives
import Payments

/// `POST /notify/v3/{merchant}`, `/notify/v2/{merchant}`, `/notify/refund-v2/{merchant}`: what WeChat sends. Raw bytes in,
/// answered after the commit.
struct NotificationController {
    let notifications: NotificationService

    /// A notification is about 1 KB; more than this is none.
    static let bodyLimit = 64 * 1024

    func addRoutes(to group: RouterGroup<ServerRequestContext>) {
        add("v3/:merchant", .v3, to: group)
        add("v2/:merchant", .v2, to: group)
        add("refund-v2/:merchant", .v2, to: group)
    }

    private func add(_ path: RouterPath, _ channel: ChannelKind, to group: RouterGroup<ServerRequestContext>) {
        group.post(path) { request, context in
            let merchant = try context.parameters.require("merchant")
            let body = try await request.bytes(upTo: Self.bodyLimit)
            let raw = RawNotification(
                headers: request.headers.map { ($0.name.rawName, $0.value) }, body: body)
            let answer = try await notifications.receive(raw, merchant: merchant, channel: channel)
            guard let contentType = answer.contentType else { return Response(status: .init(code: answer.status)) }
            return JSONAnswer.bytes(answer.body, status: .init(code: answer.status), contentType: contentType)
        }
    }
}
