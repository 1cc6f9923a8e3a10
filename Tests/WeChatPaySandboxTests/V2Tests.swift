import Crypto
import CryptoExtras
import Foundation
import HTTPTypes
import PaymentPrimitives
import Testing
import WeChatPay

@testable import WeChatPaySandbox

@Suite("API v2")
struct V2Tests {
    @Test("The signatures of the official example are right")
    func officialExample() {
        let pairs: [(name: String, value: String)] = [
            ("mch_id", "10000100"), ("appid", "wxd930ea5d5a258f4f"), ("device_info", "1000"), ("body", "test"),
            ("nonce_str", "ibuaiVcKdpRxkhJA"), ("empty", ""),
        ]
        let key = "192006250b4c09247ec02edce69f6a2d"
        #expect(V2SignType.md5.sign(pairs, key: key) == "9A0A8659F005D6984697E2CA0A9CF3B7")
        #expect(V2SignType.hmac.sign(pairs, key: key) == "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6")
    }

    @Test("The encrypted part of a refund notification is that of the computed example")
    func requestInformation() {
        #expect(
            Engine.sealedV2(
                Array("<root><refund_status><![CDATA[SUCCESS]]></refund_status></root>".utf8),
                key: "192006250b4c09247ec02edce69f6a2d")
                == "bDP/xixH0hFEaZusu714U7rO4wZDF5SwkOt7MIFNUaladrdy0yQefoW3LYmmUmF3r7t23yZjibKV29fZKVgeUQ==")
    }

    @Test("An order is placed, paid, asked for, and notified with the order's kind of signature", arguments: [false, true])
    func purchase(isHMAC: Bool) async throws {
        let caller = try makeSandbox()
        let v2 = V2Caller(caller, isHMAC: isHMAC)
        let placed = try await v2.place()
        #expect(placed["return_code"] == "SUCCESS" && placed["result_code"] == "SUCCESS", "\(placed.body)")
        #expect(v2.isSigned(placed))
        let prepayID = try #require(placed["prepay_id"])
        #expect(prepayID.count == 36)
        #expect(try await v2.send("/pay/orderquery", ["out_trade_no": "V2ORDER001"])["trade_state"] == "NOTPAY")
        try await caller.sandbox.pay(.prepayID(prepayID), openid: caller.openid)
        let paid = try await v2.send("/pay/orderquery", ["out_trade_no": "V2ORDER001"])
        #expect(paid["trade_state"] == "SUCCESS" && paid["cash_fee"] == "100" && v2.isSigned(paid), "\(paid.body)")
        let delivery = try #require(caller.sandbox.deliveries(outTradeNo: "V2ORDER001").first)
        let notice = V2Caller.fields(Array(delivery.body.utf8))
        #expect(notice["sign"] == V2Caller.sign(notice, v2.key, isHMAC: isHMAC))
        #expect(notice["attach"] == "桌号,8" && notice["total_fee"] == "100" && notice["transaction_id"]?.count == 28)
        #expect(notice["sign"]?.count == (isHMAC ? 64 : 32))
    }

    @Test("Each trade type answers what leads the user to the order")
    func tradeTypes() async throws {
        let v2 = V2Caller(try makeSandbox())
        let native = try await v2.place("V2NATIVE01", ["trade_type": "NATIVE", "product_id": "7"])
        #expect(native["code_url"]?.hasPrefix("weixin://wxpay/bizpayurl?pr=") == true)
        let web = try await v2.place("V2MWEB0001", ["trade_type": "MWEB", "scene_info": "{\"h5_info\":{\"type\":\"Wap\"}}"])
        #expect(web["mweb_url"]?.contains("prepay_id=") == true)
        let app = try await v2.place("V2APP00001", ["trade_type": "APP"])
        #expect(app["prepay_id"] != nil && app["trade_type"] == "APP")
        #expect(try await v2.place("V2NONE0001", ["trade_type": "WAP"])["err_code"] == "PARAM_ERROR")
    }

    @Test("An order of one API is seen and refunded through the other")
    func bothWays() async throws {
        let caller = try makeSandbox()
        let v2 = V2Caller(caller)
        _ = try await v2.place()
        try await caller.sandbox.pay(.outTradeNo("V2ORDER001", mchid: caller.merchant.mchid), openid: caller.openid)
        #expect(try await caller.query("V2ORDER001").json["trade_state"]?.string == "SUCCESS")
        try await caller.prepay("V3ORDER001")
        try await caller.sandbox.pay(.outTradeNo("V3ORDER001", mchid: caller.merchant.mchid), openid: caller.openid)
        #expect(try await v2.send("/pay/orderquery", ["out_trade_no": "V3ORDER001"])["trade_state"] == "SUCCESS")
        let refund = try await v2.refund("V2REFUND01", of: "V3ORDER001", 30)
        #expect(refund["result_code"] == "SUCCESS" && refund["refund_fee"] == "30" && v2.isSigned(refund), "\(refund.body)")
        let seen = try await caller.send("GET", "/v3/refund/domestic/refunds/V2REFUND01")
        #expect(seen.json["amount"]?["refund"]?.int64 == 30)
        #expect(try await v2.place("V3ORDER001")["err_code"] == "ORDERPAID")
        try await caller.prepay("V3ORDER002")
        #expect(try await v2.place("V3ORDER002")["err_code"] == "INVALID_REQUEST")
    }

    @Test("A refund is accepted once, listed, and notified in a part that only the merchant can read")
    func refunds() async throws {
        let caller = try makeSandbox()
        let v2 = V2Caller(caller)
        _ = try await v2.place()
        #expect(try await v2.refund("R1", 30)["err_code"] == "ORDERNOTEXIST")
        try await caller.sandbox.pay(.outTradeNo("V2ORDER001", mchid: caller.merchant.mchid), openid: caller.openid)
        #expect(try await v2.refund("R1", 30, total: 99)["err_code"] == "ERROR")
        #expect(try await v2.refund("R1", 101)["err_code"] == "ERROR")
        let first = try await v2.refund("R1", 30)
        #expect(try await v2.refund("R1", 30)["refund_id"] == first["refund_id"])
        #expect(try await v2.refund("R1", 31)["err_code"] == "ERROR")
        caller.clock.advance(by: .seconds(61))
        _ = try await v2.refund("R2", 70)
        caller.clock.advance(by: .seconds(10))
        let list = try await v2.send("/pay/refundquery", ["out_trade_no": "V2ORDER001"])
        #expect(
            list["refund_count"] == "2" && list["refund_fee_1"] == "70" && list["refund_status_1"] == "SUCCESS", "\(list.body)")
        let second = try await v2.send("/pay/refundquery", ["out_trade_no": "V2ORDER001", "offset": "1"])
        #expect(second["refund_count"] == "1" && second["total_refund_count"] == "2" && second["out_refund_no_0"] == "R2")
        #expect(
            try await v2.send("/pay/refundquery", ["out_trade_no": "V2ORDER001", "offset": "2"])["err_code"] == "PARAM_ERROR")
        #expect(try await v2.send("/pay/refundquery", ["out_refund_no": "R9"])["err_code"] == "REFUNDNOTEXIST")
        let delivery = try #require(
            caller.sandbox.deliveries(outTradeNo: "V2ORDER001").first { $0.eventType == "REFUND.SUCCESS" })
        let notice = V2Caller.fields(Array(delivery.body.utf8))
        #expect(notice["sign"] == nil)
        var sealed = Array(try #require(Data(base64Encoded: notice["req_info"] ?? "")))
        let key = SymmetricKey(
            data: Data(Insecure.MD5.hash(data: Data(v2.key.utf8)).map { String(format: "%02x", $0) }.joined().utf8))
        for start in stride(from: 0, to: sealed.count, by: 16) {
            var block = Array(sealed[start..<start + 16])
            try AES.inversePermute(&block, key: key)
            sealed.replaceSubrange(start..<start + 16, with: block)
        }
        let inner = V2Caller.fields(Array(sealed.dropLast(Int(sealed.last ?? 0))), root: "root")
        #expect(inner["refund_status"] == "SUCCESS" && inner["out_refund_no"] == "R1" && inner["refund_fee"] == "30")
    }

    @Test("An order is closed once, and a closed one cannot be placed again")
    func close() async throws {
        let v2 = V2Caller(try makeSandbox())
        _ = try await v2.place()
        #expect(try await v2.send("/pay/closeorder", ["out_trade_no": "V2ORDER001"])["result_msg"] == "OK")
        #expect(try await v2.send("/pay/closeorder", ["out_trade_no": "V2ORDER001"])["err_code"] == "ORDERCLOSED")
        #expect(try await v2.place()["err_code"] == "ORDERCLOSED")
        #expect(try await v2.send("/pay/orderquery", ["out_trade_no": "V2ORDER001"])["trade_state"] == "CLOSED")
        #expect(try await v2.send("/pay/orderquery", ["out_trade_no": "V2ORDER999"])["err_code"] == "ORDERNOTEXIST")
    }

    @Test("A payment code is charged, waits for a password, and is taken back")
    func codes() async throws {
        let caller = try makeSandbox()
        let v2 = V2Caller(caller)
        func wish(_ number: String, _ code: String) -> [String: String] {
            ["body": "茶", "out_trade_no": number, "total_fee": "100", "spbill_create_ip": "203.0.113.7", "auth_code": code]
        }
        let code = try caller.sandbox.authCode(openid: caller.openid)
        #expect(try await v2.send("/tools/authcodetoopenid", ["auth_code": code])["openid"] == caller.openid)
        let paid = try await v2.send("/pay/micropay", wish("V2CODE0001", code))
        #expect(paid["trade_type"] == "MICROPAY" && paid["transaction_id"] != nil, "\(paid.body)")
        #expect(caller.sandbox.deliveries().isEmpty)
        let again = try await v2.send("/pay/micropay", wish("V2CODE0002", code))
        #expect(again["err_code"] == "AUTH_CODE_INVALID")
        let slow = try caller.sandbox.authCode(openid: caller.openid, needsPassword: true)
        #expect(try await v2.send("/pay/micropay", wish("V2CODE0003", slow))["err_code"] == "USERPAYING")
        #expect(try await v2.send("/pay/orderquery", ["out_trade_no": "V2CODE0003"])["trade_state"] == "USERPAYING")
        #expect(try await v2.send("/secapi/pay/reverse", ["out_trade_no": "V2CODE0003"])["recall"] == "N")
        #expect(try await v2.send("/pay/orderquery", ["out_trade_no": "V2CODE0003"])["trade_state"] == "REVOKED")
        var negative = v2
        negative.headers["Wechatpay-Negative-Test"] = "BANKERROR"
        #expect(try await negative.send("/pay/micropay", wish("V2CODE0004", "130000000000000000"))["err_code"] == "BANKERROR")
    }

    @Test("Faults of form, identity and signature are said in return_code, and never signed")
    func refusals() async throws {
        let caller = try makeSandbox()
        let v2 = V2Caller(caller)
        func says(_ reply: V2Caller.Reply, _ message: String) -> Bool {
            reply.status == 200 && reply["return_code"] == "FAIL" && reply["return_msg"] == message && reply["sign"] == nil
        }
        let path = "/pay/unifiedorder"
        #expect(says(try await v2.post(path, "<xml></xml>", method: .get), "请使用post方法"))
        #expect(says(try await v2.post(path, ""), "post数据为空"))
        #expect(says(try await v2.post(path, "<!DOCTYPE x [<!ENTITY a \"b\">]><xml><a>&a;</a></xml>"), "XML格式错误"))
        #expect(says(try await v2.post(path, "<xml><a>1</a><a>2</a></xml>"), "XML格式错误"))
        #expect(says(try await v2.post(path, "<xml><body>🍎</body></xml>"), "编码格式错误"))
        #expect(says(try await v2.post(path, "<xml><appid>wx</appid></xml>"), "缺少参数"))
        #expect(says(try await v2.send(path, ["mch_id": "1"]), "MCHID不存在"))
        #expect(says(try await v2.send(path, ["appid": "wx1"]), "APPID不存在"))
        #expect(says(try await v2.send(path, ["appid": "wx0000000000000002"]), "appid和mch_id不匹配"))
        #expect(says(try await v2.send(path, v2.order(), tampering: ["total_fee": "1"]), "签名错误"))
        #expect(try await v2.place("V2ORDER001", ["total_fee": "0100"])["err_code"] == "PARAM_ERROR")
        #expect(try await v2.place("V2ORDER001", ["total_fee": "1e2"])["err_code"] == "PARAM_ERROR")
    }

    @Test("What is wrong with a signature is found out")
    func diagnosis() async throws {
        let caller = try makeSandbox()
        let v2 = V2Caller(caller)
        func cause(_ sign: (([String: String]) -> String)) async throws -> String? {
            var all = v2.order().merging(
                ["appid": caller.merchant.appid, "mch_id": caller.merchant.mchid, "nonce_str": "n", "device_info": ""]) { $1 }
            all["sign"] = sign(all)
            _ = try await v2.post("/pay/unifiedorder", v2.body(all))
            return caller.sandbox.requests().last?.cause?.code
        }
        func md5(_ text: String) -> String {
            Insecure.MD5.hash(data: Data(text.utf8)).map { String(format: "%02X", $0) }.joined()
        }
        func joined(_ all: [String: String], _ names: [String]) -> String {
            names.map { "\($0)=\(all[$0] ?? "")" }.joined(separator: "&")
        }
        #expect(try await cause { V2Caller.sign($0, v2.key, isHMAC: false).lowercased() } == "v2_lower_case")
        #expect(try await cause { V2Caller.sign($0, v2.key, isHMAC: true) } == "v2_sign_type")
        let v3Key = caller.merchant.apiV3Key.withBytes { String(decoding: $0, as: UTF8.self) }
        #expect(try await cause { V2Caller.sign($0, v3Key, isHMAC: false) } == "v2_wrong_key")
        #expect(try await cause { md5(joined($0, $0.keys.sorted()) + "&key=" + v2.key) } == "v2_empty_signed")
        let full = { (all: [String: String]) in all.filter { !$0.value.isEmpty } }
        #expect(try await cause { md5(joined($0, full($0).keys.sorted())) } == "v2_no_key")
        #expect(try await cause { md5("key=\(v2.key)&" + joined($0, full($0).keys.sorted())) } == "v2_key_first")
        #expect(try await cause { _ in "0" } == "v2_unknown")
    }

    @Test("Below /sandboxnew its own key signs, and getsignkey hands it out")
    func signKey() async throws {
        let caller = try makeSandbox()
        var v2 = V2Caller(caller)
        let handed = try await v2.send("/sandboxnew/pay/getsignkey", [:])
        v2.key = try #require(handed["sandbox_signkey"])
        #expect(v2.key.count == 32 && handed["sign"] == nil)
        let placed = try await v2.send("/sandboxnew/pay/unifiedorder", v2.order())
        #expect(placed["result_code"] == "SUCCESS" && v2.isSigned(placed), "\(placed.body)")
        #expect(try await v2.place("V2ORDER002")["return_msg"] == "签名错误")
    }

    @Test("The bills of a day are text, or say in XML that there are none")
    func bills() async throws {
        let caller = try makeSandbox()
        let v2 = V2Caller(caller)
        _ = try await v2.place()
        try await caller.sandbox.pay(.outTradeNo("V2ORDER001", mchid: caller.merchant.mchid), openid: caller.openid)
        let day = BeijingDate(caller.sandbox.businessNow).description.filter(\.isNumber)
        try await caller.sandbox.advanceClock(by: 3 * 86_400)
        let bill = try await v2.send("/pay/downloadbill", ["bill_date": day, "bill_type": "ALL"])
        #expect(bill.body.contains(",`V2ORDER001,") && bill.body.contains("`桌号,8,`") && bill.body.contains("总交易单数"))
        let next = BeijingDate(caller.sandbox.businessNow).advanced(by: -2).description.filter(\.isNumber)
        let none = try await v2.send("/pay/downloadbill", ["bill_date": next])
        #expect(none["return_code"] == "FAIL" && none["error_code"] == "20002" && none["return_msg"] == "No Bill Exist")
        #expect(try await v2.send("/pay/downloadbill", ["bill_date": "2026-1-1"])["error_code"] == "20001")
        let flow = ["bill_date": day, "account_type": "Basic"]
        #expect(try await v2.send("/pay/downloadfundflow", flow)["err_code"] == "PARAM_ERROR")
        let hmac = V2Caller(caller, isHMAC: true)
        #expect(try await hmac.send("/pay/downloadfundflow", flow).body.contains("资金流水总笔数"))
        let empty = try await hmac.send("/pay/downloadfundflow", ["bill_date": next, "account_type": "Fees"])
        #expect(empty["err_code"] == "NO_BILL_EXIST")
    }

    @Test("A strict sandbox refuses what needs a certificate and came without")
    func strict() async throws {
        let v2 = V2Caller(try makeSandbox(strict: true))
        let reply = try await v2.refund("R1", 1)
        #expect(reply.status == 400 && reply.body.contains("No required SSL certificate was sent"))
        let lenient = try makeSandbox()
        _ = try await V2Caller(lenient).refund("R1", 1)
        #expect(lenient.sandbox.warnings.contains { $0.code == "no_client_certificate" })
    }
}
