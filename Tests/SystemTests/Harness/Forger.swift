import Foundation
import PaymentPrimitives
import WeChatPay
import WeChatPaySandbox

/// Makes notifications with the platform's own keys: true ones, and any lie that somebody with those keys, or without,
/// could tell.
struct Forger: Sendable {
    let merchant: SandboxMerchant

    enum Key: Sendable {
        case certificate, publicKey
        /// The merchant's own key under the platform's serial.
        case merchant
    }

    /// A notification of that resource: sealed, wrapped and signed, each part as WeChat does it unless told otherwise.
    func notification(
        _ resource: String, eventType: String = "TRANSACTION.SUCCESS", originalType: String? = "transaction",
        algorithm: String = "AEAD_AES_256_GCM", sealedAAD: String? = nil, writtenAAD: String? = nil,
        writtenNonce: String? = nil, breakTag: Bool = false, sealKey: Secret? = nil, key: Key = .certificate
    ) throws -> ForgedNotification {
        try signed(
            envelope(
                resource, eventType: eventType, originalType: originalType, algorithm: algorithm, sealedAAD: sealedAAD,
                writtenAAD: writtenAAD, writtenNonce: writtenNonce, breakTag: breakTag, sealKey: sealKey), key: key)
    }

    func envelope(
        _ resource: String, eventType: String = "TRANSACTION.SUCCESS", originalType: String? = "transaction",
        algorithm: String = "AEAD_AES_256_GCM", sealedAAD: String? = nil, writtenAAD: String? = nil,
        writtenNonce: String? = nil, breakTag: Bool = false, sealKey: Secret? = nil
    ) throws -> [UInt8] {
        let nonce = SystemRandom().alphanumeric(12)
        let aad = originalType ?? "transaction"
        var sealed = try AESGCM.seal(
            Array(resource.utf8), nonce: nonce, associatedData: sealedAAD ?? aad, key: sealKey ?? merchant.apiV3Key)
        if breakTag, var bytes = Data(base64Encoded: sealed) {
            bytes[bytes.count - 1] ^= 1
            sealed = bytes.base64EncodedString()
        }
        let original = originalType.map { #""original_type":"\#($0)","# } ?? ""
        return Array(
            """
            {"id":"\(SystemRandom().alphanumeric(32))","create_time":"\(SystemClock().now.rfc3339)",\
            "resource_type":"encrypt-resource","event_type":"\(eventType)","summary":"支付成功","resource":{\(original)\
            "algorithm":"\(algorithm)","ciphertext":"\(sealed)","associated_data":"\(writtenAAD ?? aad)",\
            "nonce":"\(writtenNonce ?? nonce)"}}
            """.utf8)
    }

    /// Signs a body.
    func signed(
        _ body: [UInt8], key: Key = .certificate, timestamp: String? = nil, nonce: String? = nil, serial: String? = nil
    ) throws -> ForgedNotification {
        let timestamp = timestamp ?? String(SystemClock().now.seconds)
        let nonce = nonce ?? SystemRandom().alphanumeric(32)
        let (pem, itsSerial) =
            switch key {
            case .certificate: (merchant.platformPrivateKeyPEM, merchant.platformSerial)
            case .publicKey: (merchant.publicKeyPrivatePEM, merchant.publicKeyID)
            case .merchant: (merchant.privateKeyPEM, merchant.platformSerial)
            }
        let signature = try MerchantPrivateKey(pem: pem).signature(for: Array("\(timestamp)\n\(nonce)\n".utf8) + body + [0x0A])
        return ForgedNotification(
            headers: [
                ("Content-Type", "application/json"), ("Wechatpay-Timestamp", timestamp), ("Wechatpay-Nonce", nonce),
                ("Wechatpay-Signature", Data(signature).base64EncodedString()), ("Wechatpay-Serial", serial ?? itsSerial),
                ("Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048"),
            ], body: body)
    }

    /// The order object of a paid order.
    func success(of payment: MadePayment) -> ForgedTransaction {
        success(outTradeNo: payment.outTradeNo, total: payment.total)
    }

    func success(outTradeNo: String, total: Int64) -> ForgedTransaction {
        ForgedTransaction(
            mchid: merchant.mchid, appid: merchant.appid, outTradeNo: outTradeNo,
            transactionID: "4200009" + outTradeNo.utf8.map { String($0 % 10) }.joined(),
            amount: #"{"total":\#(total),"payer_total":\#(total),"currency":"CNY","payer_currency":"CNY"}"#)
    }
}

/// The content of a notification, each field to be changed at will.
struct ForgedTransaction: Sendable {
    var mchid: String
    var appid: String
    var outTradeNo: String
    var transactionID: String
    /// JSON.
    var amount: String
    /// Makes it a service provider's order.
    var subMchid: String?
    var subAppid: String?
    var tradeState = "SUCCESS"
    /// More members, each with a comma before it.
    var more = ""

    private var payee: String {
        guard let subMchid else { return #""mchid":"\#(mchid)","appid":"\#(appid)""# }
        let sub = subAppid.map { #","sub_appid":"\#($0)""# } ?? ""
        return #""sp_mchid":"\#(mchid)","sp_appid":"\#(appid)","sub_mchid":"\#(subMchid)"\#(sub)"#
    }

    private var payer: String { subMchid == nil ? "openid" : "sp_openid" }

    var json: String {
        """
        {\(payee),"out_trade_no":"\(outTradeNo)","transaction_id":"\(transactionID)",\
        "trade_type":"JSAPI","trade_state":"\(tradeState)","trade_state_desc":"支付成功","bank_type":"OTHERS",\
        "success_time":"\(SystemClock().now.rfc3339)","payer":{"\(payer)":"oSandboxBuyer000000000000001"},\
        "amount":\(amount)\(more)}
        """
    }
}

/// Headers and body, ready to be sent.
struct ForgedNotification: Sendable {
    var headers: [(String, String)]
    var body: [UInt8]

    subscript(name: String) -> String {
        get { headers.first { $0.0 == name }?.1 ?? "" }
        set {
            let index = headers.firstIndex { $0.0 == name } ?? headers.endIndex
            headers.removeAll { $0.0 == name }
            headers.insert((name, newValue), at: min(index, headers.endIndex))
        }
    }

    mutating func remove(_ name: String) { headers.removeAll { $0.0 == name } }
}
