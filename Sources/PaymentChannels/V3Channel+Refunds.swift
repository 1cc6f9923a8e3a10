import PaymentPrimitives
import Payments
import WeChatPay

extension V3Channel {
    package func refund(_ refund: Refund, of payment: Payment) async -> Outcome<RefundFacts> {
        .unknown("the SDK's refunds are on their way")
    }

    package func queryRefund(_ refund: Refund, of payment: Payment) async -> Outcome<RefundFacts> {
        .unknown("the SDK's refunds are on their way")
    }
}
