import Testing
import WeChatPay
import WeChatPayV2

@Suite("The signature of API v2")
struct SignatureTests {
    private let key = Secret(Documents.key)

    private func fields(_ pairs: [(String, String)]) -> XMLFields {
        var fields = XMLFields()
        for (name, value) in pairs { fields[name] = value }
        return fields
    }

    private static let official = [
        ("appid", "wxd930ea5d5a258f4f"), ("mch_id", "10000100"), ("device_info", "1000"), ("body", "test"),
        ("nonce_str", "ibuaiVcKdpRxkhJA"),
    ]
    private static let chinese = [
        ("appid", "wxd930ea5d5a258f4f"), ("attach", ""), ("body", "腾讯充值中心-QQ会员充值"), ("detail", "{\"a\":\"<&>\"}"),
        ("mch_id", "10000100"), ("nonce_str", "ibuaiVcKdpRxkhJA"), ("total_fee", "1"),
    ]
    private static func jsapi(_ type: String) -> [(String, String)] {
        [
            ("appId", "wx2421b1c4370ec43b"), ("timeStamp", "1395712654"), ("nonceStr", "e61463f8efa94090b1f366cccfbbb444"),
            ("package", "prepay_id=wx201410272009395522657a690389285100"), ("signType", type),
        ]
    }
    private static let app = [
        ("appid", "wx2421b1c4370ec43b"), ("partnerid", "10000100"),
        ("prepayid", "wx201410272009395522657a690389285100"), ("package", "Sign=WXPay"),
        ("noncestr", "e61463f8efa94090b1f366cccfbbb444"), ("timestamp", "1395712654"),
    ]

    @Test(
        "WeChat's own example and the computed ones come out, with both algorithms",
        arguments: [
            (
                official, official, "9A0A8659F005D6984697E2CA0A9CF3B7",
                "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6"
            ),
            (
                chinese, chinese, "79BD565B287E1820B61665B8F2DC615B",
                "BC57D14327D68BEAEBF6BF418A80DC67E8F80DC1AE5101F9356BCFE1294FA5A4"
            ),
            (
                jsapi("MD5"), jsapi("HMAC-SHA256"), "05F30DD446ED1AFB88D72F6A0F93BAE7",
                "D3C8EC2BB7A501F85B7FE93E298F4CD23C7E8D90F37DF45D716DF18AE7B65F72"
            ),
            (
                app, app, "052FB181B511C09AEE7E9879169245E4",
                "D51DE302372C0ADF8301CCE5F77B02071311E32B3CB50511CD79C2E33978F78D"
            ),
        ])
    func vectors(md5Fields: [(String, String)], hmacFields: [(String, String)], md5: String, hmac: String) {
        #expect(V2Signature.sign(fields(md5Fields), key: key, type: .md5) == md5)
        #expect(V2Signature.sign(fields(hmacFields), key: key, type: .hmacSHA256) == hmac)
        #expect(
            V2Signature.sign(fields(md5Fields.reversed()), key: key, type: .md5) == md5, "the order of fields does not matter")
    }

    @Test("The signed documents verify: CDATA, empty fields, zeros, two coupons")
    func documents() throws {
        for (text, type): (String, V2SignType) in [
            (Documents.orderRequest, .hmacSHA256), (Documents.orderReply, .md5), (Documents.notification, .md5),
            (Documents.refundReply, .md5),
        ] {
            try V2Signature.verify(XMLReader.read(Array(text.utf8)), key: key, type: type)
        }
    }

    @Test("Names sort by their bytes: capitals first, coupon_fee_10 before coupon_fee_2")
    func order() {
        let pairs = [("coupon_fee_2", "1"), ("coupon_fee_10", "2"), ("appid", "a"), ("appId", "b"), ("Z", "c")]
        #expect(V2Signature.sign(fields(pairs), key: key, type: .md5) == WeChatSide().signature(pairs))
        #expect(
            V2Signature.sign(fields(pairs), key: key, type: .hmacSHA256) == WeChatSide(type: .hmacSHA256).signature(pairs))
    }

    private func verify(_ pairs: [(String, String)], _ type: V2SignType = .md5, key: Secret? = nil) -> WeChatPayError? {
        do {
            try V2Signature.verify(fields(pairs), key: key ?? self.key, type: type)
            return nil
        } catch {
            return error
        }
    }

    @Test("rows 17, 18, 26: no sign, an empty one, one that PHP takes for zero, one in lower case or cut short")
    func badSigns() {
        #expect(verify(Self.official) == .signatureMissing)
        #expect(verify(Self.official + [("sign", "")]) == .signatureMissing)
        let good = "9A0A8659F005D6984697E2CA0A9CF3B7"
        #expect(verify(Self.official + [("sign", good)]) == nil)
        for bad in [
            "0", "0e462097431906509019562988736854", good.lowercased(), String(good.dropLast()), good + "0", " " + good,
            "9A0A8659F005D6984697E2CA0A9CF3B8",
        ] {
            #expect(verify(Self.official + [("sign", bad)]) == .signatureInvalid, "\(bad)")
        }
    }

    @Test("rows 21, 22: MD5 where HMAC-SHA256 is configured is refused, as is an unknown sign_type")
    func downgrade() {
        let md5 = [("sign", V2Signature.sign(fields(Self.official), key: key, type: .md5))]
        #expect(verify(Self.official + md5, .hmacSHA256) == .signatureInvalid)
        for type in ["MD5", "RSA", "md5", "HMAC-SHA256"] {
            let pairs = Self.official + [("sign_type", type)]
            let configured: V2SignType = type == "HMAC-SHA256" ? .md5 : .hmacSHA256
            let sign = V2Signature.sign(fields(pairs), key: key, type: configured)
            #expect(verify(pairs + [("sign", sign)], configured) == .signatureInvalid, "\(type)")
        }
        let said = Self.official + [("sign_type", "HMAC-SHA256")]
        #expect(verify(said + [("sign", V2Signature.sign(fields(said), key: key, type: .hmacSHA256))], .hmacSHA256) == nil)
    }

    @Test("row 23: what is signed with another key, the API v3 key for one, is refused")
    func otherKey() {
        let other = Secret("0123456789abcdefghijklmnopqrstuv")
        let sign = V2Signature.sign(fields(Self.official), key: other, type: .md5)
        #expect(verify(Self.official + [("sign", sign)]) == .signatureInvalid)
    }

    @Test("row 24: an empty, blank or short key makes no merchant, and verifies nothing")
    func emptyKey() {
        for key in [
            "", String(repeating: " ", count: 32), "192006250b4c09247ec02edce69f6a2", "192006250b4c09247ec02edce69f6a2dd",
        ] {
            #expect(throws: WeChatPayError(.invalidKey, "")) { try V2Merchant(mchid: "10000100", apiKey: Secret(key)) }
        }
        let sign = V2Signature.sign(fields(Self.official), key: Secret(""), type: .md5)
        #expect(verify(Self.official + [("sign", sign)], key: Secret(""))?.code == .invalidKey)
        #expect(throws: WeChatPayError.invalidArgument) { try V2Merchant(mchid: "", apiKey: key) }
    }

    @Test("A field that is changed, added or left out is noticed")
    func tampered() throws {
        let good = try XMLReader.read(Array(Documents.notification.utf8))
        for (name, value): (String, String?) in [
            ("total_fee", "1"), ("out_trade_no", "1409811654"), ("attach", nil), ("coupon_fee_1", "6"), ("extra", "1"),
            ("device_info", "1"),
        ] {
            var changed = good
            changed[name] = value
            #expect(throws: WeChatPayError.signatureInvalid) { try V2Signature.verify(changed, key: key, type: .md5) }
        }
    }
}
