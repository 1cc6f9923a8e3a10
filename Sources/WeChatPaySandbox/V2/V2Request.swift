import PaymentPrimitives
import WeChatPayV2

/// A request of API v2 whose signature is right.
struct V2Request: Sendable {
    let path: V2Path
    let fields: XMLFields
    let merchant: SandboxMerchant
    let signType: V2SignType
    let isSandboxNew: Bool
    /// The merchant below a service provider.
    let subMchid: String?
    let subAppid: String?
    /// Scheme and host as the caller named them.
    let origin: String
    /// The case that the header `Wechatpay-Negative-Test` asks for.
    let negativeTest: String?

    var key: String { merchant.v2Key(isSandboxNew) }

    /// A field that is there and not empty.
    subscript(_ name: String) -> String? { fields[name].flatMap { $0.isEmpty ? nil : $0 } }

    func optional(_ name: String, _ limit: Int) throws(V2Fault) -> String? {
        guard let text = self[name] else { return nil }
        guard text.unicodeScalars.count <= limit else { throw .parameter("\(name)参数长度有误") }
        return text
    }

    func required(_ name: String, _ limit: Int) throws(V2Fault) -> String {
        guard let text = try optional(name, limit) else { throw .lacksParameter }
        return text
    }

    /// A whole number as WeChat writes it: no sign, no zeros in front.
    func number(_ name: String, _ range: ClosedRange<Int64>) throws(V2Fault) -> Int64 {
        guard let number = try optionalNumber(name, range) else { throw .lacksParameter }
        return number
    }

    func optionalNumber(_ name: String, _ range: ClosedRange<Int64>) throws(V2Fault) -> Int64? {
        guard let text = self[name] else { return nil }
        guard let number = Int64(text), String(number) == text, range.contains(number) else {
            throw .parameter("\(name)参数格式有误")
        }
        return number
    }

    /// `yyyyMMddHHmmss` in Beijing.
    func time(_ name: String) throws(V2Fault) -> Timestamp? {
        guard let text = self[name] else { return nil }
        let parts = [(0, 4), (4, 2), (6, 2), (8, 2), (10, 2), (12, 2)].map { text.dropFirst($0.0).prefix($0.1) }
        guard text.utf8.count == 14, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let time = Timestamp(rfc3339: "\(parts[0])-\(parts[1])-\(parts[2])T\(parts[3]):\(parts[4]):\(parts[5])+08:00")
        else { throw .parameter("\(name)参数格式有误") }
        return time
    }

    func outTradeNo() throws(V2Fault) -> String {
        let number = try required("out_trade_no", 32)
        guard number.utf8.allSatisfy(TransactionRules.orderNumber.contains) else { throw .parameter("out_trade_no参数格式有误") }
        return number
    }

    /// What a further request under the same number must say again.
    func parameters(but volatile: Set<String> = []) -> String {
        let left: Set<String> = ["sign", "sign_type", "nonce_str", "spbill_create_ip", "time_start", "time_expire"]
        return fields.elements.filter { !left.contains($0.name) && !volatile.contains($0.name) && !$0.value.isEmpty }
            .sorted { $0.name < $1.name }
            .map { "\($0.name.utf8.count):\($0.name)=\($0.value.utf8.count):\($0.value)" }.joined(separator: "&")
    }
}
