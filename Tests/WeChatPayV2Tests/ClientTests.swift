import HTTPTypes
import Testing
import WeChatPay

@testable import WeChatPayV2

@Suite("Sending and judging of API v2")
struct ClientTests {
    private let side = WeChatSide()

    private func post(_ client: V2Client, isIdempotent: Bool = true) async throws -> XMLFields {
        var fields = XMLFields()
        fields["appid"] = WeChatSide.appid
        fields["body"] = "a<b>&c"
        return try await client.post("/pay/any", fields, isIdempotent: isIdempotent)
    }

    private func error(_ body: [UInt8], status: Int = 200, type: V2SignType = .md5) async throws -> WeChatPayError? {
        let transport = ScriptedTransport { _, _ in answer(body, status: status) }
        let client = try testClient(transport, type: type)
        return await failure { _ = try await post(client, isIdempotent: false) }
    }

    @Test("A request is signed XML with the merchant and a nonce; MD5 is not named, HMAC-SHA256 is")
    func request() async throws {
        for type in V2SignType.allCases {
            let side = WeChatSide(type: type)
            let transport = ScriptedTransport { _, _ in side.reply([("prepay_id", "wx1")]) }
            let reply = try await post(testClient(transport, type: type))
            #expect(reply["prepay_id"] == "wx1")
            let request = try #require(transport.requests.first)
            #expect(request.head.method == .post)
            #expect(request.head.headerFields[.contentType] == "text/xml; charset=utf-8")
            let fields = try transport.fields()
            #expect(fields["mch_id"] == WeChatSide.mchid)
            #expect(fields["body"] == "a<b>&c")
            #expect(fields["nonce_str"]?.count == 32)
            #expect(fields["sign_type"] == (type == .md5 ? nil : "HMAC-SHA256"))
            #expect(fields["sign"] == side.signature(fields.elements.map { ($0.name, $0.value) }))
        }
    }

    @Test("A broken connection is tried again at the backup host, with a new nonce, if the request may be repeated")
    func backup() async throws {
        let side = side
        let script: ScriptedTransport.Script = { _, number in
            if number == 1 { throw WeChatPayError(.timeout, "") }
            return side.reply([])
        }
        let transport = ScriptedTransport(script)
        _ = try await post(testClient(transport))
        #expect(transport.hosts == ["api.mch.weixin.qq.com", "api2.mch.weixin.qq.com"])
        #expect(try transport.fields(0)["nonce_str"] != transport.fields(1)["nonce_str"])

        let once = ScriptedTransport(script)
        let client = try testClient(once)
        #expect(await failure { _ = try await post(client, isIdempotent: false) }?.code == .timeout)
        #expect(once.requests.count == 1)

        let own = ScriptedTransport(script)
        _ = try await post(testClient(own, baseURL: "http://127.0.0.1:8100"))
        #expect(own.hosts == ["127.0.0.1:8100", "127.0.0.1:8100"])
    }

    @Test("That WeChat failed itself, said with status 200, is repeated; a business refusal is not")
    func systemError() async throws {
        let side = side
        let transport = ScriptedTransport { _, number in number == 1 ? side.refusal("SYSTEMERROR") : side.reply([]) }
        _ = try await post(testClient(transport))
        #expect(transport.requests.count == 2)
        let refusing = ScriptedTransport { _, _ in side.refusal("NOTENOUGH") }
        let client = try testClient(refusing)
        #expect(await failure { _ = try await post(client) }?.wechatCode?.canonical == .notEnough)
        #expect(refusing.requests.count == 1)
    }

    @Test("return_code FAIL is a hint that nobody signed, even with a sign; its words get a code where they are known")
    func hints() async throws {
        for (message, code, advice): (String, WeChatErrorCode?, WeChatPayError.Advice) in [
            ("签名失败", .signError, .stop), ("签名错误", .signError, .stop), ("SIGN ERROR", .signError, .stop),
            ("SYSTEMERROR", .systemError, .sendAgain), ("系统繁忙，请稍后再试", .systemError, .sendAgain),
            ("appid和mch_id不匹配", .appidMchidNotMatch, .askForTheOrder), ("缺少参数", .lackParams, .askForTheOrder),
            ("参数格式校验错误", nil, .askForTheOrder), ("", nil, .askForTheOrder),
        ] {
            let error = try #require(
                try await error(side.document([("return_code", "FAIL"), ("return_msg", message), ("result_code", "FAIL")])))
            #expect(error.code == .refused && !error.isVerified, "\(message)")
            #expect(error.wechatCode == code && error.advice == advice, "\(message)")
        }
        let said = try await error(
            Array("<xml><return_code>FAIL</return_code><return_msg>a\nFORGED \u{85}line</return_msg></xml>".utf8))
        #expect(said?.description.contains("aFORGED line") == true, "control characters stay out of errors")
    }

    @Test("Order of belief: XML, return_code, sign, merchant, result_code")
    func belief() async throws {
        #expect(try await error(Array("<html>".utf8))?.code == .malformed)
        #expect(try await error([])?.code == .malformed)
        #expect(try await error(Array("<xml><result_code>SUCCESS</result_code></xml>".utf8))?.code == .malformed)
        #expect(
            try await error(Array("<xml><return_code>SUCCESS</return_code><result_code>SUCCESS</result_code></xml>".utf8))
                == .signatureMissing)
        #expect(try await error(side.document([("sign", "0")])) == .signatureInvalid)
        #expect(try await error(side.document([]), type: .hmacSHA256) == .signatureInvalid, "no downgrade")
        #expect(try await error(WeChatSide(key: "0123456789abcdefghijklmnopqrstuv").document([])) == .signatureInvalid)
        let other = try await error(side.document([("mch_id", "10000101")]))
        #expect(other?.code == .malformed && other?.isVerified == true)
        #expect(try await error(side.document([("appid", "wx0000000000000009")]))?.code == .malformed)
        #expect(try await error(side.document([("result_code", "")]))?.code == .refused)
        let refused = try await error(
            side.document([("result_code", "FAIL"), ("err_code", "ORDERPAID"), ("err_code_des", "已支付")]))
        #expect(refused?.isVerified == true && refused?.wechatCode == .orderPaid && refused?.status == 200)
        #expect(refused?.message == "已支付")
        #expect(try await error(side.document([]) + Array(repeating: 0x20, count: 70_000))?.code == .responseTooLarge)
    }

    @Test("A gateway's page is no word of WeChat's; a port that wants the certificate is named")
    func gateways() async throws {
        for status in [400, 404, 500, 502] {
            let error = try #require(try await error(Array("<html>nginx</html>".utf8), status: status))
            #expect(error.code == .refused && !error.isVerified && error.status == status)
            #expect(error.advice != .stop)
        }
        let page = Array("<html><title>400 No required SSL certificate was sent</title></html>".utf8)
        #expect(try await error(page, status: 400)?.message.contains("apiclient_cert.p12") == true)
    }

    @Test("Each code of v2 has v3's advice, in v2's spelling")
    func advice() async throws {
        let expected: [(String, WeChatErrorCode, WeChatPayError.Advice)] = [
            ("ORDERNOTEXIST", .orderNotExist, .stop), ("ORDERPAID", .orderPaid, .askForTheOrder),
            ("ORDERCLOSED", .orderClosed, .stop), ("NOTENOUGH", .notEnough, .stop), ("NOAUTH", .noAuth, .stop),
            ("SYSTEMERROR", .systemError, .sendAgain), ("BANKERROR", .bankError, .sendAgain),
            ("FREQUENCY_LIMITED", .frequencyLimited, .sendAgain), ("BIZERR_NEED_RETRY", .bizErrNeedRetry, .sendAgain),
            ("OUT_TRADE_NO_USED", .outTradeNoUsed, .askForTheOrder), ("USERPAYING", .userPaying, .askForTheOrder),
            ("ORDERREVERSED", .orderReversed, .askForTheOrder), ("AUTHCODEEXPIRE", .authCodeExpire, .stop),
            ("AUTH_CODE_ERROR", .authCodeError, .stop), ("AUTH_CODE_INVALID", .authCodeInvalid, .stop),
            ("NOTSUPORTCARD", .notSupportCard, .stop), ("BUYER_MISMATCH", .buyerMismatch, .stop),
            ("TRADE_ERROR", .tradeError, .stop), ("RULELIMIT", .ruleLimit, .stop), ("REVERSE_EXPIRE", .reverseExpire, .stop),
            ("REFUNDNOTEXIST", .refundNotExist, .stop), ("INVALID_TRANSACTIONID", .invalidTransactionID, .stop),
            ("TRADE_OVERDUE", .tradeOverdue, .stop), ("USER_ACCOUNT_ABNORMAL", .userAccountAbnormal, .stop),
            ("INVALID_REQ_TOO_MUCH", .invalidRequestTooMuch, .sendAgain), ("PARAM_ERROR", .paramError, .stop),
            ("INVALID_REQUEST", .invalidRequest, .stop), ("SIGNERROR", .signError, .stop), ("LACK_PARAMS", .lackParams, .stop),
            ("APPID_NOT_EXIST", .appidNotExist, .stop), ("MCHID_NOT_EXIST", .mchidNotExist, .stop),
            ("APPID_MCHID_NOT_MATCH", .appidMchidNotMatch, .stop), ("XML_FORMAT_ERROR", .xmlFormatError, .stop),
            ("REQUIRE_POST_METHOD", .requirePostMethod, .stop), ("POST_DATA_EMPTY", .postDataEmpty, .stop),
            ("NOT_UTF8", .notUTF8, .stop),
        ]
        for (code, canonical, advice) in expected {
            let error = try await error(side.document([("result_code", "FAIL"), ("err_code", code)]))
            #expect(error?.wechatCode?.canonical == canonical, "\(code)")
            #expect(error?.advice == advice, "\(code)")
        }
        let unknown = try await error(side.document([("result_code", "FAIL"), ("err_code", "ERROR")]))
        #expect(unknown?.advice == .askForTheOrder, "what nobody knows is asked for")
        #expect(try await error(side.document([("result_code", "FAIL")]))?.wechatCode == nil)
    }

    @Test("The escape hatch refuses an emoji, a query in the path and a certificate that is not there, before it sends")
    func unsent() async throws {
        let transport = ScriptedTransport { _, _ in answer("") }
        let client = try testClient(transport)
        var fields = XMLFields()
        fields["remark"] = "茶🍵"
        let sent = fields
        let emoji = await failure { _ = try await client.post("/pay/any", sent, isIdempotent: false) }
        #expect(emoji?.code == .invalidArgument && emoji?.message.hasPrefix("remark") == true)
        for path in ["pay/any", "/pay/any?a=1", "/pay any", "/支付"] {
            #expect(
                await failure { _ = try await client.post(path, XMLFields(), isIdempotent: false) }?.code == .invalidArgument)
        }
        let bare = await failure {
            _ = try await client.post("/secapi/pay/refund", XMLFields(), needsCertificate: true, isIdempotent: false)
        }
        #expect(bare?.code == .invalidArgument && bare?.message.contains("certificateTransport") == true)
        #expect(transport.requests.isEmpty)
    }

    @Test("Neither a client nor a merchant nor an error shows the key")
    func secrecy() async throws {
        let transport = ScriptedTransport { _, _ in answer("<xml/>") }
        let client = try testClient(transport)
        var seen = "\(client) \(client.merchant)"
        dump(client, to: &seen)
        dump(client.merchant, to: &seen)
        let error = try #require(await failure { _ = try await post(client) })
        dump(error, to: &seen)
        seen += "\(error)"
        #expect(!seen.contains(Documents.key))
    }
}
