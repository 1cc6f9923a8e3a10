import Crypto
import Foundation
import HTTPTypes
import PaymentPrimitives
import WeChatPay
import WeChatPayV2

@testable import WeChatPaySandbox

/// A merchant's client of API v2, written by hand from the documents.
struct V2Caller {
    let caller: Caller
    var isHMAC = false
    var key: String
    var headers: [String: String] = [:]

    init(_ caller: Caller, isHMAC: Bool = false) {
        self.caller = caller
        self.isHMAC = isHMAC
        key = caller.merchant.apiV2Key.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    struct Reply {
        let status: Int
        let body: String
        let fields: [String: String]

        subscript(_ name: String) -> String? { fields[name] }
    }

    static func sign(_ fields: [String: String], _ key: String, isHMAC: Bool) -> String {
        let names = fields.filter { $0.key != "sign" && !$0.value.isEmpty }.keys.sorted {
            Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8))
        }
        let text = names.map { "\($0)=\(fields[$0] ?? "")" }.joined(separator: "&") + "&key=" + key
        func hex(_ bytes: some Sequence<UInt8>) -> String { bytes.map { String(format: "%02X", $0) }.joined() }
        if isHMAC {
            return hex(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: SymmetricKey(data: Data(key.utf8))))
        }
        return hex(Insecure.MD5.hash(data: Data(text.utf8)))
    }

    func body(_ fields: [String: String]) -> String {
        "<xml>" + fields.sorted { $0.key < $1.key }.map { "<\($0.key)><![CDATA[\($0.value)]]></\($0.key)>" }.joined() + "</xml>"
    }

    /// Signs the fields with what every request has, and sends them; `changes` are made after the signature.
    func send(_ path: String, _ fields: [String: String], tampering: [String: String] = [:]) async throws -> Reply {
        var all = ["appid": caller.merchant.appid, "mch_id": caller.merchant.mchid, "nonce_str": "5K8264ILTKCH16CQ"]
        if isHMAC { all["sign_type"] = "HMAC-SHA256" }
        all.merge(fields) { $1 }
        all["sign"] = Self.sign(all, key, isHMAC: isHMAC)
        all.merge(tampering) { $1 }
        return try await post(path, body(all))
    }

    func post(_ path: String, _ body: String, method: HTTPRequest.Method = .post) async throws -> Reply {
        var fields: HTTPFields = [.contentType: "text/xml"]
        for (name, value) in headers { if let name = HTTPField.Name(name) { fields[name] = value } }
        let request = TransportRequest(
            head: HTTPRequest(
                method: method, scheme: "https", authority: "api.mch.weixin.qq.com", path: path, headerFields: fields),
            body: Array(body.utf8))
        let response = try await caller.sandbox.transport.send(request, deadline: .seconds(5))
        let bytes = try await response.body.collect(upTo: 1_000_000)
        return Reply(
            status: response.head.status.code, body: String(decoding: bytes, as: UTF8.self), fields: Self.fields(bytes))
    }

    static func fields(_ bytes: [UInt8], root: String = "xml") -> [String: String] {
        let read = try? XMLReader.read(bytes, root: root)
        return Dictionary((read?.elements ?? []).map { ($0.name, $0.value) }) { $1 }
    }

    /// A right order.
    func order(_ number: String = "V2ORDER001", _ changes: [String: String] = [:]) -> [String: String] {
        var fields = [
            "body": "一杯<咖啡>&茶", "out_trade_no": number, "total_fee": "100", "spbill_create_ip": "203.0.113.7",
            "notify_url": "https://pay.example.com/notify", "trade_type": "JSAPI", "openid": caller.openid, "attach": "桌号,8",
        ]
        fields.merge(changes) { $1 }
        return fields
    }

    func place(_ number: String = "V2ORDER001", _ changes: [String: String] = [:]) async throws -> Reply {
        try await send("/pay/unifiedorder", order(number, changes))
    }

    func refund(_ number: String, of order: String = "V2ORDER001", _ amount: Int, total: Int = 100) async throws -> Reply {
        try await send(
            "/secapi/pay/refund",
            [
                "out_trade_no": order, "out_refund_no": number, "total_fee": "\(total)", "refund_fee": "\(amount)",
                "notify_url": "https://pay.example.com/refund",
            ])
    }

    func isSigned(_ reply: Reply) -> Bool { reply["sign"] == Self.sign(reply.fields, key, isHMAC: isHMAC) }
}
