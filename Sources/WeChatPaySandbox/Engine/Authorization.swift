import Foundation
import HTTPTypes
import PaymentPrimitives
import WeChatPay

/// The fields of an `Authorization` header.
///
/// Follows 《签名生成》: `WECHATPAY2-SHA256-RSA2048 mchid="…",nonce_str="…",timestamp="…",serial_no="…",signature="…"`.
struct Authorization: Sendable {
    let mchid: String
    let nonce: String
    let timestamp: String
    let serialNo: String
    let signature: String

    /// Reads the header strictly: one space behind the scheme, commas without spaces, each field once.
    init?(_ header: String) {
        guard header.hasPrefix(WireNames.scheme + " ") else { return nil }
        var fields: [String: String] = [:]
        for part in header.dropFirst(WireNames.scheme.count + 1).split(separator: ",", omittingEmptySubsequences: false) {
            guard let equals = part.firstIndex(of: "=") else { return nil }
            let value = part[part.index(after: equals)...]
            guard value.count >= 2, value.first == "\"", value.last == "\"",
                fields.updateValue(String(value.dropFirst().dropLast()), forKey: String(part[..<equals])) == nil
            else { return nil }
        }
        guard fields.count == 5, let mchid = fields["mchid"], let nonce = fields["nonce_str"],
            let timestamp = fields["timestamp"], let serialNo = fields["serial_no"], let signature = fields["signature"],
            !fields.values.contains(where: \.isEmpty)
        else { return nil }
        self.mchid = mchid
        self.nonce = nonce
        self.timestamp = timestamp
        self.serialNo = serialNo
        self.signature = signature
    }

    /// The five lines that were signed.
    func message(method: String, path: String, body: [UInt8]) -> [UInt8] {
        Array("\(method)\n\(path)\n\(timestamp)\n\(nonce)\n".utf8) + body + [0x0A]
    }
}

/// What a look at the signature of a request has shown.
struct Authentication: Sendable {
    /// Who signed, when the signature holds.
    let account: Platform.Account?
    /// The merchant number that the header names, whether the signature holds or not.
    let claimedMchid: String?
    let fault: Fault?
    let cause: SignatureCause?

    static func signed(by account: Platform.Account) -> Authentication {
        Authentication(account: account, claimedMchid: account.merchant.mchid, fault: nil, cause: nil)
    }

    static func refused(_ fault: Fault, _ cause: SignatureCause, claimedMchid: String? = nil) -> Authentication {
        Authentication(account: nil, claimedMchid: claimedMchid, fault: fault, cause: cause)
    }
}

extension Platform {
    /// The greatest distance between a request's timestamp and the wire clock.
    private static let window: Int64 = 300

    /// Checks a request as WeChat does: form, time, serial, signature, in this order.
    func authenticate(_ request: TransportRequest, wire: Timestamp) -> Authentication {
        let headers = request.head.headerFields[values: .authorization]
        guard let header = headers.first, headers.count == 1, let authorization = Authorization(header) else {
            return .refused(
                .signature("Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》"), .format(of: headers))
        }
        let mchid = authorization.mchid
        guard authorization.nonce.utf8.count <= 32, authorization.timestamp.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let seconds = Int64(authorization.timestamp)
        else {
            return .refused(
                .signature("Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》"), .fields, claimedMchid: mchid)
        }
        guard seconds.subtractingReportingOverflow(wire.seconds).partialValue.magnitude <= UInt64(Self.window) else {
            return .refused(
                .signature("Http头Authorization中的timestamp与发起请求的时间不得超过5分钟"),
                .time(seconds: seconds, wire: wire), claimedMchid: mchid)
        }
        guard let account = accounts[mchid], account.merchant.serialNo == authorization.serialNo else {
            return .refused(
                .signature("商户证书序列号有误。请使用签名私钥匹配的证书序列号"), serialCause(authorization), claimedMchid: mchid)
        }
        let path = request.head.path ?? ""
        let body: [UInt8]
        do {
            body = try request.signedBody()
        } catch {
            return .refused(.signature("错误的签名，验签失败"), .multipartFormat(error.reason), claimedMchid: mchid)
        }
        let message = authorization.message(method: request.head.method.rawValue, path: path, body: body)
        let signature = Data(base64Encoded: authorization.signature).map(Array.init)
        if let signature, account.requestKey.isValid(signature: signature, for: message) { return .signed(by: account) }
        let search = SignatureSearch(
            requestKey: account.requestKey, platformKeys: account.platformKeys, others: otherKeys(account),
            authorization: authorization, request: request, body: body, signature: signature)
        return .refused(
            .signature("错误的签名，验签失败", detail: Self.signatureDetail(authorization, request, body, length: message.count)),
            search.cause(), claimedMchid: mchid)
    }

    /// WeChat shows the beginning of what it has checked, with the first eight bytes of the body.
    private static func signatureDetail(
        _ authorization: Authorization, _ request: TransportRequest, _ body: [UInt8], length: Int
    ) -> JSONValue {
        let path = request.head.path ?? ""
        let method = request.head.method.rawValue
        let start = authorization.message(method: method, path: path, body: Array(body.prefix(8)))
        return .record(
            ("detail", .record(("issue", "sign not match"))), ("field", "signature"), ("location", "authorization"),
            (
                "sign_information",
                .record(
                    ("method", .string(method)), ("sign_message_length", .integer(length)),
                    ("truncated_sign_message", .string(String(decoding: start, as: UTF8.self))), ("url", .string(path)))
            ))
    }

    private func otherKeys(_ account: Account) -> [(mchid: String, key: RSAVerificationKey)] {
        accounts.values.map { ($0.merchant.mchid, $0.requestKey) }.filter { $0.0 != account.merchant.mchid }
            .sorted { $0.0 < $1.0 }
    }

    private func serialCause(_ authorization: Authorization) -> SignatureCause {
        let serial = authorization.serialNo
        guard let account = accounts[authorization.mchid] else { return .unknownMerchant(authorization.mchid) }
        let merchant = account.merchant
        if serial == merchant.platformSerial || serial == merchant.publicKeyID { return .platformSerial }
        if serial.uppercased() == merchant.serialNo { return .serialCase }
        if let owner = accounts.values.first(where: { $0.merchant.serialNo == serial }) {
            return .serialOfAnotherMerchant(owner.merchant.mchid)
        }
        return .unknownSerial(expected: merchant.serialNo)
    }
}
