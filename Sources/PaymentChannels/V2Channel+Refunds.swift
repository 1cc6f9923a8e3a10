import PaymentPrimitives
import Payments
import WeChatPayV2

extension V2Channel {
    package func refund(_ refund: Payments.Refund, of payment: Payment) async -> Outcome<RefundFacts> {
        // Not WeChat's refusal but a gap in the configuration, which somebody will close.
        guard client.hasCertificate else { return .unknown("refunds need client_certificate_file") }
        let outcome = await outcome { () async throws(WeChatPayError) in
            let accepted = try await client.refund(
                V2RefundRequest(
                    appid: payment.appid, order: .transactionID(refund.transactionID), outRefundNo: refund.outRefundNo,
                    total: refund.total, refund: refund.amount.fen, currency: refund.amount.currency, reason: refund.reason,
                    fundsAccount: refund.fundsAccount.map { WeChatPay.FundsAccount(rawValue: $0.rawValue) },
                    notifyURL: refundNotifyURL, sub: payment.v2Sub))
            // That is an acceptance and no more: how it ends, a query says.
            var facts = RefundFacts(status: .processing, outRefundNo: accepted.outRefundNo)
            facts.subMchid = payment.subMchid
            facts.outTradeNo = accepted.outTradeNo
            facts.refundID = accepted.refundID
            facts.transactionID = accepted.transactionID
            facts.refund = accepted.refund
            facts.total = accepted.total
            facts.payerRefund = accepted.cashRefund
            // Said only where coupons make it differ.
            facts.settlementRefund = accepted.settlementRefund ?? accepted.refund
            return facts
        }
        // WeChat's word here for amounts that do not fit: the same request is refused for ever.
        if case .refused("ERROR", let message, _) = outcome { return .refused(code: "ERROR", message: message, final: true) }
        return outcome
    }

    package func queryRefund(_ refund: Payments.Refund, of payment: Payment) async -> Outcome<RefundFacts> {
        await outcome { () async throws(WeChatPayError) in
            let list = try await client.queryRefunds(
                appid: payment.appid, .outRefundNo(refund.outRefundNo), sub: payment.v2Sub)
            guard let item = list.refunds.first(where: { $0.outRefundNo == refund.outRefundNo }) else {
                throw WeChatPayError(.malformed, "the answer: out_refund_no is another one")
            }
            var facts = RefundFacts(status: Payments.RefundStatus(item.status.rawValue), outRefundNo: item.outRefundNo)
            // An answer about another sub-merchant was refused before.
            facts.subMchid = payment.subMchid
            facts.outTradeNo = list.outTradeNo
            facts.refundID = item.refundID
            facts.transactionID = list.transactionID
            facts.refund = item.refund
            facts.total = list.total
            facts.payerRefund = item.couponRefund.map { item.refund - $0 }
            facts.settlementRefund = item.settlementRefund ?? item.refund
            facts.userReceivedAccount = item.userReceivedAccount
            facts.successTime = item.successTime
            return facts
        }
    }
}
