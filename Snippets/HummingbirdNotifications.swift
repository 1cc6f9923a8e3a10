//! WeChat's notifications in a Hummingbird server.
import HTTPTypes
import Hummingbird
import WeChatPay

// snippet.route
func addNotifications(
    to router: Router<BasicRequestContext>, client: WeChatPay.Client,
    book: @escaping @Sendable (WeChatPay.Notification) async throws -> Void
) {
    router.post("notify/v3/shop") { request, _ -> HTTPResponse.Status in
        // The raw bytes, at most 64 KiB: they are what was signed.
        let body = Array(try await request.body.collect(upTo: 64 * 1024).readableBytesView)
        do {
            try await book(client.notifications.parse(headers: request.headers, body: body))
            return .noContent
        } catch let error as WeChatPayError {
            // WeChat sends it again: in a while the missing key is there, or it was a probe.
            return error.code == .unknownPlatformKey ? .serviceUnavailable : .badRequest
        }
    }
}
// snippet.end

// snippet.book
func book(_ notification: WeChatPay.Notification) async throws {
    switch notification.resource {
    case .transaction(let transaction):
        print("\(transaction.outTradeNo) is \(transaction.tradeState): \(transaction.amount?.totalMoney?.yuan ?? "?") yuan")
    case .partnerTransaction(let transaction):
        print("\(transaction.outTradeNo) of sub-merchant \(transaction.subMchid)")
    case .combineTransaction(let combined):
        print("\(combined.combineOutTradeNo) with \(combined.subOrders.count) orders")
    case .refund(let refund):
        print("\(refund.outRefundNo) is \(refund.status)")
    case .raw:
        // A verified event of another product: its JSON is in `plaintext`.
        print("\(notification.eventType), \(notification.plaintext.count) bytes")
    }
}
// snippet.end
