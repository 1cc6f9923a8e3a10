import PaymentPrimitives
import Payments
import WeChatPay

extension V3Channel {
    package func refund(_ refund: Payments.Refund, of payment: Payment) async -> Outcome<RefundFacts> {
        await outcome { () async throws(WeChatPayError) in
            RefundFacts(
                try await client.refunds.create(
                    RefundRequest(
                        order: .transactionID(refund.transactionID), outRefundNo: refund.outRefundNo,
                        amount: RefundRequest.Amount(
                            refund: refund.amount.fen, total: refund.total, currency: refund.amount.currency),
                        reason: refund.reason, notifyURL: refund.notifyURL,
                        fundsAccount: refund.fundsAccount.map { WeChatPay.FundsAccount(rawValue: $0.rawValue) },
                        subMchid: refund.subMchid)))
        }
    }

    package func queryRefund(_ refund: Payments.Refund, of payment: Payment) async -> Outcome<RefundFacts> {
        await outcome { () async throws(WeChatPayError) in
            RefundFacts(try await client.refunds.query(outRefundNo: refund.outRefundNo, subMchid: refund.subMchid))
        }
    }
}

extension RefundFacts {
    /// What API v3 answers about a refund.
    init(_ refund: WeChatPay.Refund) {
        self.init(status: Payments.RefundStatus(refund.status.rawValue), outRefundNo: refund.outRefundNo)
        subMchid = refund.subMchid
        outTradeNo = refund.outTradeNo
        refundID = refund.refundID
        transactionID = refund.transactionID
        self.refund = refund.amount.refund
        total = refund.amount.total
        currency = refund.amount.currency?.rawValue
        payerRefund = refund.amount.payerRefund
        settlementRefund = refund.amount.settlementRefund
        userReceivedAccount = refund.userReceivedAccount
        successTime = refund.successTime
    }

    /// What a notification says: whose refund it is, and not what the merchant gives.
    init(_ notification: RefundNotification) {
        self.init(status: Payments.RefundStatus(notification.status.rawValue), outRefundNo: notification.outRefundNo)
        mchid = notification.mchid
        subMchid = notification.subMchid
        outTradeNo = notification.outTradeNo
        refundID = notification.refundID
        transactionID = notification.transactionID
        refund = notification.amount.refund
        total = notification.amount.total
        payerRefund = notification.amount.payerRefund
        userReceivedAccount = notification.userReceivedAccount
        successTime = notification.successTime
    }
}
