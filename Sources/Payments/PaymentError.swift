/// Why a use case did not do what it was asked.
///
/// Equality compares the code alone. The message is meant for whoever called: it names the field and what to do, and
/// never contains a secret.
package struct PaymentError: Error, Equatable, CustomStringConvertible {
    package let code: Code
    package let message: String
    /// The request's field that is at fault, where there is one.
    package let field: String?
    /// WeChat's own code, where WeChat refused.
    package let wechatCode: String?
    package let file: String
    package let line: Int

    package init(
        _ code: Code, _ message: String, field: String? = nil, wechatCode: String? = nil, file: String = #fileID,
        line: Int = #line
    ) {
        self.code = code
        self.message = message
        self.field = field
        self.wechatCode = wechatCode
        self.file = file
        self.line = line
    }

    package enum Code: String, Sendable, CaseIterable {
        /// The request itself is wrong.
        case invalidRequest = "invalid_request"
        /// No or a wrong credential.
        case unauthorized
        /// There is no such thing, or the caller may not see it.
        case notFound = "not_found"
        /// The number was used before.
        case outTradeNoUsed = "out_trade_no_used"
        /// The number of a refund was used before.
        case outRefundNoUsed = "out_refund_no_used"
        /// More is to go back than can.
        case notRefundable = "not_refundable"
        /// The idempotency key was used with another request.
        case idempotencyKeyReused = "idempotency_key_reused"
        /// The same request is still being worked on.
        case inProgress = "in_progress"
        /// The payment's or order's state does not allow it, nor will waiting help.
        case wrongState = "wrong_state"
        /// Something else is in the way now. When that is gone, the same request may do.
        case conflict
        /// WeChat refused the order.
        case refusedByWeChat = "refused_by_wechat"
        /// WeChat gave no answer that can be trusted: the result is unknown, ask again.
        case resultUnknown = "result_unknown"
        /// Too many requests.
        case tooManyRequests = "too_many_requests"
        /// The server is stopping, or a part of it is not ready.
        case unavailable
    }

    package static func == (left: PaymentError, right: PaymentError) -> Bool { left.code == right.code }

    package var description: String { "\(code.rawValue): \(message)" }
}
