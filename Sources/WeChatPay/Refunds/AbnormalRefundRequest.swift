/// Says where the money of a refund goes that could not be paid out (《发起异常退款》).
public struct AbnormalRefundRequest: Hashable, Sendable {
    /// WeChat's number of the refund, whose status is ``RefundStatus/abnormal``.
    public var refundID: String
    /// The merchant's number of the refund.
    public var outRefundNo: String
    /// Where the money goes.
    public var destination: Destination
    /// The sub-merchant, for a service provider.
    public var subMchid: String?

    /// A request out of its parts; nothing is checked before it is sent.
    public init(refundID: String, outRefundNo: String, destination: Destination, subMchid: String? = nil) {
        self.refundID = refundID
        self.outRefundNo = outRefundNo
        self.destination = destination
        self.subMchid = subMchid
    }

    /// Where the money goes.
    public enum Destination: Hashable, Sendable {
        /// To a bank card of the payer: the bank, for example `ICBC_DEBIT`, and the number of the card and the name of
        /// its owner, both encrypted with the same key of WeChat's. Their serial goes out with the request.
        case userBankCard(bankType: String, bankAccount: EncryptedText, realName: EncryptedText)
        /// To the merchant's bank card; the merchant then pays the payer by other means.
        case merchantBankCard
    }
}

extension AbnormalRefundRequest: CheckedBody {
    private enum CodingKeys: String, CodingKey {
        case type
        case subMchid = "sub_mchid"
        case outRefundNo = "out_refund_no"
        case bankType = "bank_type"
        case bankAccount = "bank_account"
        case realName = "real_name"
    }

    /// Writes WeChat's JSON.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(subMchid, forKey: .subMchid)
        try container.encode(outRefundNo, forKey: .outRefundNo)
        switch destination {
        case .userBankCard(let bankType, let bankAccount, let realName):
            try container.encode("USER_BANK_CARD", forKey: .type)
            try container.encode(bankType, forKey: .bankType)
            try container.encode(bankAccount, forKey: .bankAccount)
            try container.encode(realName, forKey: .realName)
        case .merchantBankCard:
            try container.encode("MERCHANT_BANK_CARD", forKey: .type)
        }
    }

    /// The serial of the key with which fields are encrypted.
    var encryptionSerial: String? {
        guard case .userBankCard(_, let bankAccount, _) = destination else { return nil }
        return bankAccount.serial
    }

    func validate() throws(WeChatPayError) {
        guard refundID.isToken, refundID.utf8.count <= 64 else {
            throw WeChatPayError(.invalidArgument, "refund_id: not 1 to 64 letters and digits")
        }
        try WeChatText.checkOutRefundNo(outRefundNo)
        if let subMchid { try WeChatText.checkMchid(subMchid, "sub_mchid") }
        guard case .userBankCard(let bankType, let bankAccount, let realName) = destination else { return }
        try WeChatText.check(bankType, "bank_type", 1...32)
        try WeChatText.check(bankAccount.ciphertext, "bank_account", 1...1024)
        try WeChatText.check(realName.ciphertext, "real_name", 1...1024)
        guard bankAccount.serial == realName.serial else {
            throw WeChatPayError(
                .invalidArgument, "real_name: encrypted with another key than bank_account; a request has one serial")
        }
    }
}
