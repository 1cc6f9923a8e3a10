import Testing

@testable import WeChatPay

@Suite("Errors and what to do")
struct AdviceTests {
    @Test(
        "WeChat's codes, in both spellings, mean one thing to do",
        arguments: [
            ("SYSTEM_ERROR", 500, WeChatPayError.Advice.sendAgain), ("SYSTEMERROR", 500, .sendAgain),
            ("BANK_ERROR", 500, .sendAgain),
            ("FREQUENCY_LIMITED", 429, .sendAgain), ("RATELIMIT_EXCEEDED", 429, .sendAgain), ("RATE_LIMITED", 429, .sendAgain),
            ("SERVICE_UNAVAILABLE", 503, .sendAgain), ("STATEMENT_CREATING", 400, .sendAgain),
            ("ORDERPAID", 400, .askForTheOrder), ("ORDER_PAID", 400, .askForTheOrder),
            ("OUT_TRADE_NO_USED", 403, .askForTheOrder),
            ("USERPAYING", 202, .askForTheOrder), ("USER_PAYING", 202, .askForTheOrder),
            ("ORDERREVERSED", 400, .askForTheOrder), ("AUTHCODEEXPIRE", 400, .stop), ("BIZERR_NEED_RETRY", 400, .sendAgain),
            ("ORDER_NOT_EXIST", 404, .stop), ("ORDERNOTEXIST", 404, .stop), ("ORDER_CLOSED", 400, .stop),
            ("PARAM_ERROR", 400, .stop),
            ("INVALID_REQUEST", 400, .stop), ("NO_AUTH", 403, .stop), ("NOAUTH", 403, .stop), ("NOTENOUGH", 403, .stop),
            ("SIGN_ERROR", 401, .stop), ("OPENID_MISMATCH", 500, .stop), ("RESOURCE_NOT_EXISTS", 404, .stop),
            ("NEW_CODE", 400, .stop), ("NEW_CODE", 500, .sendAgain), ("NEW_CODE", 429, .sendAgain),
            ("NEW_CODE", 302, .askForTheOrder),
        ])
    func signed(code: String, status: Int, advice: WeChatPayError.Advice) {
        let error = WeChatPayError(.refused, "", status: status, wechatCode: .init(rawValue: code), isVerified: true)
        #expect(error.advice == advice)
        let unsigned = WeChatPayError(.refused, "", status: status, wechatCode: .init(rawValue: code))
        #expect(unsigned.advice == (advice == .stop && code != "SIGN_ERROR" ? .askForTheOrder : advice))
    }

    @Test("every known code is its own canonical spelling, and has no double")
    func canonical() {
        for code in WeChatErrorCode.known { #expect(code.canonical == code) }
        #expect(WeChatErrorCode(rawValue: "NOTENOUGH").canonical == .notEnough)
        #expect(WeChatErrorCode(rawValue: "RULELIMIT").canonical == .ruleLimit)
        #expect(WeChatErrorCode(rawValue: "ORDER_PAID").canonical == .orderPaid)
        #expect(WeChatErrorCode(rawValue: "Something_New").canonical.rawValue == "Something_New")
    }

    @Test("what is not known to have failed is asked for; what never left is not")
    func kinds() {
        let unknown: [WeChatPayError.Code] = [
            .transport, .timeout, .signatureMissing, .signatureInvalid, .signatureExpired, .unknownPlatformKey, .malformed,
            .responseTooLarge, .decryptionFailed,
        ]
        for code in unknown { #expect(WeChatPayError(code, "").advice == .askForTheOrder) }
        for code in [WeChatPayError.Code.invalidKey, .invalidArgument] { #expect(WeChatPayError(code, "").advice == .stop) }
        #expect(WeChatPayError(.refused, "").advice == .askForTheOrder)
    }

    @Test("equality compares the code, and WeChat's code where both have one")
    func equality() {
        #expect(WeChatPayError(.refused, "a", wechatCode: .orderNotExist) == WeChatPayError(.refused, "b"))
        #expect(
            WeChatPayError(.refused, "", wechatCode: .orderNotExist)
                == WeChatPayError(.refused, "", wechatCode: .init(rawValue: "ORDERNOTEXIST")))
        #expect(WeChatPayError(.refused, "", wechatCode: .orderNotExist) != WeChatPayError(.refused, "", wechatCode: .orderPaid))
        #expect(WeChatPayError(.timeout, "") != WeChatPayError(.transport, ""))
    }
}
