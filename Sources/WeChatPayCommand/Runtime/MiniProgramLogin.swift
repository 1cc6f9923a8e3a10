import PaymentPrimitives
import Payments
import Shop
import WeChatPay

/// The shop's login port, bound to `jscode2session`. The session key is dropped here: nobody in the shop needs it.
struct MiniProgramLogin: LoginProvider {
    let miniProgram: MiniProgram

    /// The code is wrong or used, or WeChat blocks this user. All else (app id, secret, frequency) is ours to mend.
    private static let buyersFault: Set = ["40029", "40163", "40226"]

    func openID(for code: String) async throws -> String {
        do {
            return try await miniProgram.login(code: code).openid
        } catch {
            let errcode = error.wechatCode?.rawValue
            if error.code == .invalidArgument { throw PaymentError(.invalidRequest, error.message, field: "code") }
            if error.code == .loginFailed, let errcode, Self.buyersFault.contains(errcode) {
                throw PaymentError(
                    .unauthorized, "WeChat does not accept the code: \(error.message); call wx.login again", field: "code",
                    wechatCode: errcode)
            }
            throw PaymentError(
                .unavailable, "the login at WeChat failed: \(error.message); try again, or let an operator look",
                wechatCode: errcode)
        }
    }
}
