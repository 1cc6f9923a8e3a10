import HTTPTypes
import Hummingbird
import PaymentPrimitives
import Payments

/// `POST /notify/{channel}/{merchant}`: what WeChat sends. Raw bytes in, answered after the commit.
struct NotificationController {
    let notifications: NotificationService

    /// A notification is about 1 KB; more than this is none.
    static let bodyLimit = 64 * 1024

    func addRoutes(to group: RouterGroup<ServerRequestContext>) {
        group.post("v3/:merchant") { request, context in
            let merchant = try context.parameters.require("merchant")
            let body = try await request.bytes(upTo: Self.bodyLimit)
            let raw = RawNotification(
                headers: request.headers.map { ($0.name.rawName, $0.value) }, body: body)
            let answer = try await notifications.receive(raw, merchant: merchant, channel: .v3)
            guard let contentType = answer.contentType else { return Response(status: .init(code: answer.status)) }
            return JSONAnswer.bytes(answer.body, status: .init(code: answer.status), contentType: contentType)
        }
    }
}
