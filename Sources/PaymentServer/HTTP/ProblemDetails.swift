import HTTPTypes
import Hummingbird
import PaymentPrimitives
import Payments

/// RFC 9457 problem details: how every error leaves the server.
struct ProblemDetails: Encodable {
    var type = "about:blank"
    let title: String
    let status: Int
    let detail: String
    let code: String
    var field: String?
    var wechatCode: String?
    var requestID: String?

    enum CodingKeys: String, CodingKey {
        case type, title, status, detail, code, field
        case wechatCode = "wechat_code"
        case requestID = "request_id"
    }

    /// What an error says to whoever caused it. Errors that are nobody's business say nothing.
    init(_ error: any Error, requestID: String) {
        var field: String?
        var wechatCode: String?
        let status: HTTPResponse.Status
        switch error {
        case let error as PaymentError:
            status = HTTPResponse.Status(error.code)
            code = error.code.rawValue
            detail = error.message
            field = error.field
            wechatCode = error.wechatCode
        case let refusal as Refusal:
            status = .conflict
            code = "wechat_mismatch"
            detail = "WeChat's answer does not fit what was asked about (\(refusal)); it was not booked and an operator must look"
        case let failure as StrictJSON.Failure:
            status = .badRequest
            code = "invalid_json"
            detail = "the body is not acceptable JSON: \(failure)"
        case is DecodingError:
            status = .badRequest
            code = PaymentError.Code.invalidRequest.rawValue
            detail = StrictJSON.explain(error)
        case let error as any HTTPResponseError:
            status = error.status
            code = status.code == 404 ? PaymentError.Code.notFound.rawValue : "http_\(status.code)"
            detail = status.code == 413 ? "the body is too long" : status.reasonPhrase
        default:
            status = .internalServerError
            code = "internal_error"
            detail = "the server could not do it; nothing was acknowledged, send the same request again"
        }
        self.status = status.code
        self.title = status.reasonPhrase
        self.field = field
        self.wechatCode = wechatCode
        self.requestID = requestID
    }
}

extension HTTPResponse.Status {
    init(_ code: PaymentError.Code) {
        self =
            switch code {
            case .invalidRequest: .badRequest
            case .unauthorized: .unauthorized
            case .notFound: .notFound
            case .outTradeNoUsed, .outRefundNoUsed, .notRefundable, .idempotencyKeyReused, .inProgress, .wrongState, .conflict:
                .conflict
            case .refusedByWeChat: .unprocessableContent
            case .tooManyRequests: .tooManyRequests
            case .resultUnknown: .serviceUnavailable
            case .unavailable: .serviceUnavailable
            }
    }
}
