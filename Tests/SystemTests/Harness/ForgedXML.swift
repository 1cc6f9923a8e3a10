import Crypto
import CryptoExtras
import Foundation
import PaymentPrimitives
import WeChatPaySandbox

/// A document of API v2: its fields, and how they are signed and written. Made without any code of the library, so that the
/// two check each other.
struct ForgedXML: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case md5 = "MD5"
        case hmac = "HMAC-SHA256"

        var other: Kind { self == .md5 ? .hmac : .md5 }
    }

    var fields: [(name: String, value: String)]

    subscript(name: String) -> String? {
        get { fields.first { $0.name == name }?.value }
        set {
            let index = fields.firstIndex { $0.name == name } ?? fields.endIndex
            fields.removeAll { $0.name == name }
            if let newValue { fields.insert((name, newValue), at: min(index, fields.endIndex)) }
        }
    }

    /// What 《签名算法》 says: sorted, without the empty ones, the key behind.
    func sign(_ type: Kind, key: String = V2WeChat.key) -> String {
        let text =
            fields.filter { $0.name != "sign" && !$0.value.isEmpty }.sorted { $0.name < $1.name }
            .map { "\($0.name)=\($0.value)&" }.joined() + "key=\(key)"
        let digest: [UInt8] =
            switch type {
            case .md5: Array(Insecure.MD5.hash(data: Array(text.utf8)))
            case .hmac:
                Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: Array(key.utf8))))
            }
        return digest.map { String(format: "%02X", $0) }.joined()
    }

    /// The document with its signature.
    func signed(_ type: Kind, key: String = V2WeChat.key) -> String {
        var signed = self
        signed["sign"] = sign(type, key: key)
        return signed.text
    }

    /// The document as it is.
    var text: String {
        "<xml>" + fields.map { "<\($0.name)><![CDATA[\($0.value)]]></\($0.name)>" }.joined() + "</xml>"
    }

    init(_ fields: [(name: String, value: String)]) { self.fields = fields }

    /// Reads what the server writes: one element after another.
    init(reading text: String) {
        fields = text.matches(of: /<([a-z_0-9]+)>(?:<!\[CDATA\[(.*?)\]\]>|([^<]*))<\/\1>/).map {
            (String($0.1), String($0.2 ?? $0.3 ?? "").replacing("]]><![CDATA[", with: ""))
        }
    }

    /// The notification of an order that was paid, an empty field among the others.
    static func success(_ system: RunningSystem, _ payment: MadePayment) -> Self {
        Self([
            ("appid", system.merchant.appid), ("mch_id", system.merchant.mchid), ("device_info", ""),
            ("nonce_str", SystemRandom().alphanumeric(32)), ("result_code", "SUCCESS"), ("return_code", "SUCCESS"),
            ("openid", system.sandbox.users[0].openid), ("is_subscribe", "N"), ("trade_type", "JSAPI"),
            ("bank_type", "OTHERS"), ("total_fee", String(payment.total)), ("fee_type", "CNY"),
            ("cash_fee", String(payment.total)),
            ("transaction_id", "4200009" + payment.outTradeNo.utf8.map { String($0 % 10) }.joined()),
            ("out_trade_no", payment.outTradeNo), ("time_end", "20260131180000"),
        ])
    }

    /// The notification of a refund: nobody has signed it, and `req_info` is sealed with a digest of the key.
    static func refund(
        _ system: RunningSystem, _ payment: MadePayment, outRefundNo: String, key: String = V2WeChat.key
    ) throws -> Self {
        let inside = Self([
            ("out_refund_no", outRefundNo), ("out_trade_no", payment.outTradeNo), ("refund_fee", String(payment.total)),
            ("refund_id", "50000009" + outRefundNo.utf8.map { String($0 % 10) }.joined()), ("refund_status", "SUCCESS"),
            ("settlement_refund_fee", String(payment.total)), ("settlement_total_fee", String(payment.total)),
            ("success_time", "2026-01-31 18:00:00"), ("total_fee", String(payment.total)),
            ("transaction_id", "4200009" + payment.outTradeNo.utf8.map { String($0 % 10) }.joined()),
        ])
        let digest = Insecure.MD5.hash(data: Array(key.utf8)).map { String(format: "%02x", $0) }.joined()
        var plain = Array(inside.text.replacing("xml>", with: "root>").utf8)
        plain += Array(repeating: UInt8(16 - plain.count % 16), count: 16 - plain.count % 16)
        var sealed: [UInt8] = []
        for start in stride(from: 0, to: plain.count, by: 16) {
            var block = Array(plain[start..<start + 16])
            try AES.permute(&block, key: SymmetricKey(data: Array(digest.utf8)))
            sealed += block
        }
        return Self([
            ("return_code", "SUCCESS"), ("appid", system.merchant.appid), ("mch_id", system.merchant.mchid),
            ("nonce_str", SystemRandom().alphanumeric(32)), ("req_info", Data(sealed).base64EncodedString()),
        ])
    }
}
