import Foundation
import HTTPTypes
import PaymentPrimitives
import Testing
import WeChatPay

@testable import WeChatPaySandbox

@Suite("Signatures of requests")
struct RequestSignatureTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let cause: String
        let message: String
        var isPost = true
        var defect = Caller.Defect()
        var testDescription: String { cause }

        init(
            _ cause: String, _ message: String = "错误的签名，验签失败", isPost: Bool = true,
            _ change: (inout Caller.Defect) -> Void
        ) {
            self.cause = cause
            self.message = message
            self.isPost = isPost
            change(&defect)
        }
    }

    private static let format = "Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》"
    private static let clock = "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟"
    private static let serial = "商户证书序列号有误。请使用签名私钥匹配的证书序列号"
    private static func reserialised(_ layout: JSONValue.Layout, sorted: Bool = false) -> @Sendable (String) -> String {
        { body in
            let value = (try? JSONParser.parse(Array(body.utf8))) ?? .null
            return String(decoding: (sorted ? value.sorted : value).serialised(layout), as: UTF8.self)
        }
    }

    static let rows: [Row] = [
        Row("no_authorization", format) { $0.header = { _ in nil } },
        Row("authorization_format", format) { $0.header = { $0.replacing("SHA256-RSA2048", with: "SM2-WITH-SM3") } },
        Row("authorization_format", format) { $0.header = { $0.replacing(",nonce", with: ", nonce") } },
        Row("authorization_format", format) { $0.header = { $0.replacing("mchid=", with: "mch_id=") } },
        Row("authorization_format", format) { $0.header = { $0 + ",mchid=\"1900000001\"" } },
        Row("authorization_format", format) { $0.header = { $0.replacing("\"", with: "'") } },
        Row("authorization_fields", format) { $0.timestamp = { "\($0).0" } },
        Row("authorization_fields", format) { $0.header = { $0.replacing("nonce_str=\"", with: "nonce_str=\"0") } },
        Row("clock", clock) { $0.timestamp = { String($0 + 301) } },
        Row("clock", clock) { $0.timestamp = { String($0 - 301) } },
        Row("timestamp_in_milliseconds", clock) { $0.timestamp = { String($0 * 1000) } },
        Row("timestamp_in_milliseconds") { $0.signedTimestamp = { String($0 * 1000 + 417) } },
        Row("unknown_serial", serial) { $0.serial = { _ in String(repeating: "A", count: 40) } },
        Row("serial_lower_case", serial) { $0.serial = { $0.merchants[0].serialNo.lowercased() } },
        Row("serial_of_platform", serial) { $0.serial = { $0.merchants[0].platformSerial } },
        Row("serial_of_platform", serial) { $0.serial = { $0.merchants[0].publicKeyID } },
        Row("serial_of_another_merchant", serial) { $0.serial = { $0.merchants[1].serialNo } },
        Row("unknown_merchant", serial) { $0.mchid = "1999999999" },
        Row("signature_not_base64") { $0.signature = { "?" + $0.dropFirst() } },
        Row("signature_length") { $0.signature = { _ in Data("5F4DCC3B5AA765D61D8327DEB882CF99".utf8).base64EncodedString() } },
        Row("no_last_newline") { $0.message = { String($0.dropLast()) } },
        Row("newline_too_many") { $0.message = { $0 + "\n" } },
        Row("carriage_returns") { $0.message = { $0.replacing("\n", with: "\r\n") } },
        Row("path_without_query", isPost: false) { $0.path = { String($0.prefix { $0 != "?" }) } },
        Row("whole_url") { $0.path = { "https://api.mch.weixin.qq.com" + $0 } },
        Row("path_decoded", isPost: false) { $0.path = { $0.replacing("%2A", with: "*") } },
        Row("path_encoded_differently", isPost: false) { $0.path = { $0.replacing("%2A", with: "%2a") } },
        Row("body_not_signed") { $0.body = { _ in "" } },
        Row("newline_too_many") { $0.body = { $0 + "\n" } },
        Row("body_reserialised") { $0.body = reserialised(.spaced) },
        Row("body_reserialised") { $0.body = reserialised(.compact, sorted: true) },
        Row("body_reserialised") { $0.body = reserialised(.escapedSlashesASCII) },
        Row("body_signed_but_not_sent", isPost: false) { $0.body = { _ in "{}" } },
        Row("other_method") { $0.method = { _ in "GET" } },
        Row("other_method") { $0.method = { $0.lowercased() } },
        Row("nonce_before_timestamp") {
            $0.message = { text in
                var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
                lines.swapAt(2, 3)
                return lines.joined(separator: "\n")
            }
        },
        Row("platform_key") { $0.key = { $0.merchants[0].platformPrivateKeyPEM } },
        Row("platform_key") { $0.key = { $0.merchants[0].publicKeyPrivatePEM } },
        Row("key_of_another_merchant") { $0.key = { $0.merchants[1].privateKeyPEM } },
        Row("unknown") { $0.message = { $0 + "something else" } },
    ]

    @Test("A defective signature is refused with WeChat's text, unsigned, and its cause is recorded", arguments: rows)
    func defects(_ row: Row) async throws {
        let caller = try makeSandbox()
        let path = "/v3/pay/transactions/out-trade-no/AB%2ACDEF?mchid=1900000001"
        let reply =
            row.isPost
            ? try await caller.send("POST", Caller.jsapi, caller.order().json, defect: row.defect)
            : try await caller.send("GET", path, defect: row.defect)
        #expect(reply.status == 401)
        #expect(reply.code == "SIGN_ERROR")
        #expect(reply.message == row.message)
        #expect(reply.header("Wechatpay-Signature") == nil)
        #expect(reply.header("Request-ID")?.hasSuffix("-268443699") == true)
        let recorded = try #require(caller.sandbox.requests().last)
        #expect(recorded.cause?.code == row.cause)
        #expect(recorded.cause?.chinese.isEmpty == false)
        #expect(recorded.status == 401)
        #expect(caller.sandbox.order(mchid: "1900000001", outTradeNo: "ORDER0001") == nil)
    }

    @Test("A wrong signature's detail shows the beginning of what was checked")
    func detail() async throws {
        let caller = try makeSandbox()
        let reply = try await caller.send(
            "POST", Caller.jsapi, "{\"amount\":1}", defect: RequestSignatureTests.rows.last?.defect ?? .init())
        let information = reply.json["detail"]?["sign_information"]
        let stamp = caller.clock.now.seconds
        let expected = "POST\n\(Caller.jsapi)\n\(stamp)\n0123456789ABCDEF0123456789abcdef\n{\"amount\n"
        #expect(information?["truncated_sign_message"]?.string == expected)
        #expect(information?["sign_message_length"]?.int64 == Int64(expected.utf8.count + 4))
        #expect(information?["method"]?.string == "POST")
        #expect(information?["url"]?.string == Caller.jsapi)
        #expect(reply.json["detail"]?["field"]?.string == "signature")
        #expect(reply.json["detail"]?["detail"]?["issue"]?.string == "sign not match")
        #expect(reply.body.hasPrefix("{\"code\":\"SIGN_ERROR\",\"detail\":{\"detail\":"))
    }

    @Test("A sent newline at the end of the body that was not signed is recognised")
    func trailingNewline() async throws {
        let caller = try makeSandbox()
        let reply = try await caller.send(
            "POST", Caller.jsapi, caller.order().json + "\n", defect: .init(body: { String($0.dropLast()) }))
        #expect(reply.status == 401)
        #expect(caller.sandbox.requests().last?.cause?.code == "body_trailing_newline")
    }

    @Test("Two Authorization headers are refused")
    func twice() async throws {
        let caller = try makeSandbox()
        var request = try caller.request("GET", "/v3/certificates")
        let header = try #require(request.head.headerFields[.authorization])
        request.head.headerFields.append(HTTPField(name: .authorization, value: header))
        #expect(try await caller.reply(to: request).status == 401)
        #expect(caller.sandbox.requests().last?.cause?.code == "authorization_twice")
    }

    @Test("A timestamp five minutes off, a body with a newline at its end, and %2A as sent are all right")
    func accepted() async throws {
        let caller = try makeSandbox()
        for offset in [-300, 300] as [Int64] {
            let reply = try await caller.send("GET", "/v3/certificates", defect: .init(timestamp: { String($0 + offset) }))
            #expect(reply.status == 200)
        }
        #expect(try await caller.send("POST", Caller.jsapi, caller.order("AB*CDEF").json + "\n").status == 200)
        let reply = try await caller.send("GET", "/v3/pay/transactions/out-trade-no/AB%2ACDEF?mchid=1900000001")
        #expect(reply.json["out_trade_no"]?.string == "AB*CDEF")
    }

    @Test("The wire clock judges timestamps, not business time")
    func wireTime() async throws {
        let caller = try makeSandbox()
        try await caller.sandbox.advanceClock(by: 86_400)
        #expect(try await caller.send("GET", "/v3/certificates").status == 200)
    }
}
