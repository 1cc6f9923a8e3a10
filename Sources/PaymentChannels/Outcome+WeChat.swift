import Payments
import WeChatPay

/// A verified error is believed; an unverified one, like silence, proves nothing.
func outcome<Value: Sendable>(_ body: () async throws(WeChatPayError) -> Value) async -> Outcome<Value> {
    do {
        return .known(try await body())
    } catch {
        switch error.code {
        case .refused where error.isVerified:
            return .refused(
                code: error.wechatCode.map { channelCode($0.canonical) } ?? "HTTP_\(error.status ?? 0)",
                message: error.message, final: error.advice == .stop)
        case .refused:
            return .unknown(error.description)
        case .invalidArgument:
            return .refused(code: "PARAM_ERROR", message: error.message, final: true)
        default:
            return .unknown(error.description)
        }
    }
}

/// The code as use cases know it: API v2 has a word of its own for a refund that does not exist.
private func channelCode(_ code: WeChatErrorCode) -> String {
    code == .refundNotExist ? ChannelCode.refundNotExist : code.rawValue
}
