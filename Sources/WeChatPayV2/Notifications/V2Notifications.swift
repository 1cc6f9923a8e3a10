import Crypto
import CryptoExtras
import Foundation

/// What WeChat tells by itself, in XML: `client.notifications`.
public struct V2Notifications: Sendable {
    private let merchant: V2Merchant

    /// Reads what is told to a merchant.
    public init(merchant: V2Merchant) {
        self.merchant = merchant
    }

    /// Opens a payment notification (《支付结果通知》): its signature is checked over all that came, then it is read.
    ///
    /// Whether it is about an order of yours, for the right amount and app, is for you to compare. Answer with
    /// ``V2Acknowledgement/success`` when it is on disk, and only then.
    ///
    /// - Parameter body: the raw bytes of the request.
    /// - Returns: the order; its state is `SUCCESS`, or `PAYERROR` when `result_code` is not SUCCESS.
    /// - Throws: ``WeChatPayError``: `malformed`, `signatureMissing`, `signatureInvalid`.
    public func payment(body: [UInt8]) throws(WeChatPayError) -> V2Transaction {
        let fields = try read(body)
        try V2Signature.verify(fields, key: merchant.apiKey, type: merchant.signType)
        guard fields["mch_id"] == merchant.mchid else {
            throw WeChatPayError(.malformed, "mch_id: missing, or another merchant's", isVerified: true)
        }
        guard let result = fields["result_code"] else {
            throw WeChatPayError(.malformed, "result_code is missing", isVerified: true)
        }
        return try V2Transaction(fields, state: result == "SUCCESS" ? .success : .payError)
    }

    /// Opens a refund notification (《退款结果通知》).
    ///
    /// Nobody has signed it, and the cipher (AES in ECB mode) lets parts be cut and put together anew by whoever has seen
    /// others: what it says is a reason to ask for the refund, and no proof.
    ///
    /// - Parameter body: the raw bytes of the request.
    /// - Throws: ``WeChatPayError``: `malformed` for the outside, `decryptionFailed` for the inside, the same whatever is
    ///   wrong with it.
    public func refund(body: [UInt8]) throws(WeChatPayError) -> V2RefundHint {
        let fields = try read(body)
        guard fields["mch_id"] == merchant.mchid else {
            throw WeChatPayError(.malformed, "mch_id: missing, or another merchant's")
        }
        guard let cipher = fields.optionalText("req_info") else {
            throw WeChatPayError(.malformed, "req_info is missing")
        }
        guard let hint = open(cipher) else {
            throw WeChatPayError(.decryptionFailed, "req_info: cannot be opened with this merchant's API key")
        }
        return hint
    }

    private func read(_ body: [UInt8]) throws(WeChatPayError) -> XMLFields {
        let fields = try XMLReader.read(body)
        guard fields["return_code"] == "SUCCESS" else {
            throw WeChatPayError(.malformed, "return_code: missing, or not SUCCESS")
        }
        return fields
    }

    private func open(_ cipher: String) -> V2RefundHint? {
        let block = 16
        guard let data = Data(base64Encoded: cipher), !data.isEmpty, data.count.isMultiple(of: block) else { return nil }
        // The key is the digest's text, not its bytes; in lower case.
        let key = merchant.apiKey.withBytes { SymmetricKey(data: Array(Hex.lower(Insecure.MD5.hash(data: $0)).utf8)) }
        var plain: [UInt8] = []
        plain.reserveCapacity(data.count)
        for start in stride(from: 0, to: data.count, by: block) {
            var bytes = Array(data[data.startIndex + start..<data.startIndex + start + block])
            guard (try? AES.inversePermute(&bytes, key: key)) != nil else { return nil }
            plain += bytes
        }
        guard let padding = plain.last.map(Int.init), (1...block).contains(padding),
            plain.suffix(padding).allSatisfy({ $0 == UInt8(padding) }),
            let fields = try? XMLReader.read(Array(plain.dropLast(padding)), root: "root")
        else { return nil }
        return try? V2RefundHint(fields)
    }
}

/// What a refund notification says. Unsigned: ask for the refund before you believe it.
public struct V2RefundHint: Hashable, Sendable {
    /// The merchant's order number.
    public let outTradeNo: String
    /// WeChat's order number.
    public let transactionID: String
    /// The merchant's number of the refund.
    public let outRefundNo: String
    /// WeChat's number of the refund.
    public let refundID: String
    /// The state, in API v3's words.
    public let status: RefundStatus
    /// What the order cost, in fen.
    public let total: Int64
    /// What goes back, in fen.
    public let refund: Int64
    /// What is taken from the merchant, in fen.
    public let settlementRefund: Int64?
    /// When the payer got it.
    public let successTime: Timestamp?
    /// To whom it went, in words.
    public let userReceivedAccount: String?
    /// Who asked for it: `API`, or `VENDOR_PLATFORM`, the merchant's console.
    public let requestSource: String?

    init(_ fields: XMLFields) throws(WeChatPayError) {
        outTradeNo = try fields.text("out_trade_no")
        transactionID = try fields.text("transaction_id")
        outRefundNo = try fields.text("out_refund_no")
        refundID = try fields.text("refund_id")
        status = RefundStatus(v2: try fields.text("refund_status"))
        total = try fields.number("total_fee")
        refund = try fields.number("refund_fee")
        settlementRefund = try fields.optionalNumber("settlement_refund_fee")
        successTime = try fields.optionalTime("success_time")
        userReceivedAccount = fields.optionalText("refund_recv_accout")
        requestSource = fields.optionalText("refund_request_source")
    }
}

/// What WeChat wants to hear: XML, nothing before it and nothing behind.
public enum V2Acknowledgement: Hashable, Sendable {
    /// It is on disk; do not send it again.
    case success
    /// It is not; send it again. The reason is for WeChat's logs, at most 128 bytes.
    case failure(String)

    /// The answer's body; its content type is `text/xml`.
    public var body: [UInt8] {
        var fields = XMLFields()
        switch self {
        case .success:
            fields["return_code"] = "SUCCESS"
            fields["return_msg"] = "OK"
        case .failure(let reason):
            fields["return_code"] = "FAIL"
            fields["return_msg"] = WeChatText.fitting(String(reason.filter { !String($0).hasControlCharacter }), bytes: 128)
        }
        // Both values were made writable above.
        return (try? fields.document()) ?? Array("<xml><return_code>FAIL</return_code></xml>".utf8)
    }
}
