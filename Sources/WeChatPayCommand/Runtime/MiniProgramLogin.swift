import PaymentPrimitives
import Payments
import Shop
import WeChatPay

/// The shop's login port, bound to `jscode2session`. The session key is dropped here: nobody in the shop needs it.
struct MiniProgramLogin: LoginProvider {
    let miniProgram: MiniProgram

    func openID(for code: String) async throws -> String {
        do {
            return try await miniProgram.login(code: code).openid
        } catch  where error.code == .loginFailed && error.advice == .stop {
            throw PaymentError(
                .unauthorized, "WeChat does not accept the code: \(error.message); call wx.login again", field: "code",
                wechatCode: error.wechatCode?.rawValue)
        } catch  where error.code == .invalidArgument {
            throw PaymentError(.invalidRequest, error.message, field: "code")
        } catch {
            throw PaymentError(.unavailable, "WeChat's login did not answer: \(error.message); try again")
        }
    }
}
