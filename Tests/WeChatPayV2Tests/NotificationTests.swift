import Crypto
import CryptoExtras
import Foundation
import Testing
import WeChatPay

@testable import WeChatPayV2

@Suite("Notifications of API v2")
struct NotificationTests {
    private let side = WeChatSide()

    private func notifications(_ type: V2SignType = .md5) throws -> V2Notifications {
        V2Notifications(merchant: try testMerchant(type))
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test("A payment with two coupons is read, every field of it")
    func payment() throws {
        let order = try notifications().payment(body: bytes(Documents.notification))
        #expect(order.tradeState == .success && order.outTradeNo == "1409811653")
        #expect(order.transactionID == "1004400740201409030005092168" && order.attach == "支付测试")
        #expect(order.amount?.totalMoney == Money(fen: 100) && order.amount?.payerTotal == 85)
        #expect(order.couponTotal == 15 && order.settlementTotal == 95)
        #expect(order.coupons.map(\.id) == ["10000", "10001"] && order.coupons.map(\.amount) == [10, 5])
        #expect(order.payer?.openid == "oUpF8uMEb4qRXf22hE3X68TekukE" && order.isSubscribed == true)
        #expect(order.tradeType == .jsapi && order.bankType == "CFT" && order.deviceID == nil)
        #expect(order.successTime == Timestamp(rfc3339: "2014-09-03T13:15:40+08:00"))
        #expect(order.appid == WeChatSide.appid && order.mchid == WeChatSide.mchid)
    }

    @Test("rows 17–23, 26: unsigned, empty, short of fields, downgraded, or signed with another key: refused")
    func unsigned() throws {
        let text = Documents.notification
        let noSign = text.replacing("<sign><![CDATA[78B25F6680F8B3CEAC82FDDF6E45BDFB]]></sign>", with: "")
        let few = "<xml><out_trade_no>1409811653</out_trade_no><total_fee>100</total_fee></xml>"
        let noCode = text.replacing("<return_code><![CDATA[SUCCESS]]></return_code>", with: "")
        for (body, code): (String, WeChatPayError.Code) in [
            (noSign, .signatureMissing), (text.replacing("78B25F6680F8B3CEAC82FDDF6E45BDFB", with: ""), .signatureMissing),
            (noCode, .malformed), (few, .malformed), (text.replacing("78B2", with: "78B3"), .signatureInvalid),
            (text.replacing("<total_fee>100<", with: "<total_fee>1<"), .signatureInvalid),
            (text.replacing("78B25F6680F8B3CEAC82FDDF6E45BDFB", with: "0"), .signatureInvalid),
            (text.replacing("</xml>", with: "<sign>0</sign></xml>"), .malformed),
            (text.replacing("</xml>", with: "<total_fee>1</total_fee></xml>"), .malformed),
            (text.replacing("</xml>", with: "<sign_type>NONE</sign_type></xml>"), .signatureInvalid),
        ] {
            let error = #expect(throws: WeChatPayError.self) { try notifications().payment(body: bytes(body)) }
            #expect(error?.code == code)
        }
        #expect(throws: WeChatPayError.signatureInvalid) { try notifications(.hmacSHA256).payment(body: bytes(text)) }
        let v3Key = WeChatSide(key: "0123456789abcdefghijklmnopqrstuv").document(paid)
        #expect(throws: WeChatPayError.signatureInvalid) { try notifications().payment(body: v3Key) }
    }

    @Test("rows 27–31: a DOCTYPE, an entity from a file or the network, a billion laughs, XInclude")
    func hostileXML() throws {
        let laughs = (1...9).map { "<!ENTITY l\($0) \"\(String(repeating: "&l\($0 - 1);", count: 10))\">" }.joined()
        for prolog in [
            "<!DOCTYPE xml>", "<!DOCTYPE xml [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>",
            "<!DOCTYPE xml [<!ENTITY x SYSTEM \"http://127.0.0.1:1/\">]>",
            "<!DOCTYPE xml SYSTEM \"http://127.0.0.1:1/x.dtd\">", "<!DOCTYPE xml [<!ENTITY l0 \"ha\">\(laughs)]>",
            "<!DOCTYPE xml [<!ENTITY % p SYSTEM \"http://127.0.0.1:1/\"> %p;]>",
        ] {
            #expect(throws: WeChatPayError.malformed) {
                try notifications().payment(body: bytes(prolog + Documents.notification))
            }
        }
        let include = "<xml xmlns:xi=\"http://www.w3.org/2001/XInclude\"><xi:include href=\"file:///etc/passwd\"/></xml>"
        #expect(throws: WeChatPayError.malformed) { try notifications().payment(body: bytes(include)) }
    }

    @Test("Signed and yet another merchant's, without result_code, or without its total: not believed")
    func signedButOdd() throws {
        for pairs in [
            paid + [("mch_id", "10000101")], paid.filter { $0.0 != "total_fee" }, paid.filter { $0.0 != "transaction_id" },
            paid.filter { $0.0 != "out_trade_no" },
        ] {
            let error = #expect(throws: WeChatPayError.self) { try notifications().payment(body: side.document(pairs)) }
            #expect(error?.code == .malformed && error?.isVerified == true)
        }
    }

    @Test("row 41: result_code FAIL is no payment")
    func failed() throws {
        let body = side.document([("result_code", "FAIL"), ("err_code", "SYSTEMERROR"), ("out_trade_no", "1409811653")])
        #expect(try notifications().payment(body: body).tradeState == .payError)
    }

    // MARK: Refunds

    private static let inner = """
        <root><out_refund_no><![CDATA[R1]]></out_refund_no><out_trade_no><![CDATA[1409811653]]></out_trade_no>\
        <refund_account><![CDATA[REFUND_SOURCE_RECHARGE_FUNDS]]></refund_account><refund_fee>50</refund_fee>\
        <refund_id><![CDATA[50000]]></refund_id><refund_recv_accout><![CDATA[支付用户零钱]]></refund_recv_accout>\
        <refund_request_source><![CDATA[API]]></refund_request_source><refund_status><![CDATA[SUCCESS]]></refund_status>\
        <settlement_refund_fee>45</settlement_refund_fee><success_time><![CDATA[2018-11-19 16:24:13]]></success_time>\
        <total_fee>100</total_fee><transaction_id><![CDATA[4200]]></transaction_id></root>
        """

    private func seal(_ text: String, key: String = "d96eb16afdd491fa1e705096edbc2205", padding: [UInt8]? = nil) throws -> String
    {
        var plain = bytes(text)
        let rest = 16 - plain.count % 16
        plain += padding ?? Array(repeating: UInt8(rest), count: rest)
        var sealed: [UInt8] = []
        for start in stride(from: 0, to: plain.count, by: 16) {
            var block = Array(plain[start..<min(start + 16, plain.count)])
            try AES.permute(&block, key: SymmetricKey(data: Data(key.utf8)))
            sealed += block
        }
        return Data(sealed).base64EncodedString()
    }

    private func outer(_ info: String, mchid: String = WeChatSide.mchid) -> [UInt8] {
        bytes(
            """
            <xml><return_code>SUCCESS</return_code><appid><![CDATA[\(WeChatSide.appid)]]></appid>\
            <mch_id><![CDATA[\(mchid)]]></mch_id><nonce_str><![CDATA[n]]></nonce_str>\
            <req_info><![CDATA[\(info)]]></req_info></xml>
            """)
    }

    @Test("A refund notification is opened; its cipher text is the computed one's kind")
    func refund() throws {
        #expect(
            try seal("<root><refund_status><![CDATA[SUCCESS]]></refund_status></root>")
                == "bDP/xixH0hFEaZusu714U7rO4wZDF5SwkOt7MIFNUaladrdy0yQefoW3LYmmUmF3r7t23yZjibKV29fZKVgeUQ==")
        let hint = try notifications().refund(body: outer(seal(Self.inner)))
        #expect(hint.outRefundNo == "R1" && hint.outTradeNo == "1409811653" && hint.refundID == "50000")
        #expect(hint.status == .success && hint.total == 100 && hint.refund == 50 && hint.settlementRefund == 45)
        #expect(hint.successTime == Timestamp(rfc3339: "2018-11-19T16:24:13+08:00"))
        #expect(hint.userReceivedAccount == "支付用户零钱" && hint.requestSource == "API")
        for (word, status): (String, RefundStatus) in [("CHANGE", .abnormal), ("REFUNDCLOSE", .closed)] {
            let text = Self.inner.replacing("SUCCESS", with: word)
            #expect(try notifications().refund(body: outer(seal(text))).status == status)
        }
    }

    @Test("Whatever is wrong inside gives one and the same error, no oracle")
    func uniform() throws {
        let good = try seal(Self.inner)
        let upperKey = "D96EB16AFDD491FA1E705096EDBC2205"
        let infos = [
            try seal(Self.inner, key: upperKey), String(good.dropLast(24)), "not base64", "AAAA",
            try seal("<root/>"), try seal(Self.inner.replacing("root>", with: "xml>")),
            try seal("<!DOCTYPE root>" + Self.inner), try seal(Self.inner.replacing("<refund_fee>50<", with: "<refund_fee>x<")),
            try seal(String(repeating: "a", count: 15), padding: [0]), try seal(String(repeating: "a", count: 15), padding: [17]),
            try seal(String(repeating: "a", count: 14), padding: [1, 2]),
            "bDP/xixH0hFEaZusu714U7rO4wZDF5SwkOt7MIFNUaladrdy0yQefoW3LYmmUmF3r7t23yZjibKV29fZKVgeUQ==",
        ]
        var messages: Set<String> = []
        for info in infos {
            let error = #expect(throws: WeChatPayError.decryptionFailed) { try notifications().refund(body: outer(info)) }
            messages.insert(error?.description ?? "")
        }
        #expect(messages.count == 1)
        #expect(throws: WeChatPayError.malformed) { try notifications().refund(body: outer("")) }
        #expect(throws: WeChatPayError.malformed) { try notifications().refund(body: outer(good, mchid: "10000101")) }
    }

    @Test("The answers are XML with nothing around it; a reason cannot break out")
    func acknowledgement() throws {
        #expect(
            String(decoding: V2Acknowledgement.success.body, as: UTF8.self)
                == "<xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg><![CDATA[OK]]></return_msg></xml>")
        for reason in ["签名失败", "]]></return_msg><return_code>SUCCESS</return_code>", "a\0\u{1}\r\nb", "\u{FFFE}", "", "🍵"] {
            let fields = try XMLReader.read(V2Acknowledgement.failure(reason).body)
            #expect(fields["return_code"] == "FAIL")
        }
    }
}
