/// WeChat's own error code. An open set: unknown codes survive.
///
/// Equality compares the spelling; compare ``canonical`` to treat `ORDERNOTEXIST` and `ORDER_NOT_EXIST` alike. Follows
/// 《错误码》 of the basic rules and of each operation.
public struct WeChatErrorCode: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    /// The code as WeChat sent it, for example `ORDER_NOT_EXIST`.
    public let rawValue: String

    /// Takes the code as it stands.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public var description: String { rawValue }

    /// The code in the spelling of this type's constants. Older tables drop the underscores (`SYSTEMERROR`), some add
    /// them (`ORDER_PAID`). An unknown code is itself.
    public var canonical: WeChatErrorCode {
        Self.bySqueezedName[Self.squeeze(rawValue)] ?? self
    }

    private static let bySqueezedName = Dictionary(uniqueKeysWithValues: known.map { (squeeze($0.rawValue), $0) })

    private static func squeeze(_ text: String) -> String {
        String(text.uppercased().filter { $0 != "_" })
    }
}

extension WeChatErrorCode {
    /// A parameter is missing or wrong; ``WeChatPayError/detail`` may name it.
    public static let paramError = WeChatErrorCode(rawValue: "PARAM_ERROR")
    /// The request breaks a rule, for example other parameters under a used number.
    public static let invalidRequest = WeChatErrorCode(rawValue: "INVALID_REQUEST")
    /// The app id and the merchant number are not bound to each other.
    public static let appidMchidNotMatch = WeChatErrorCode(rawValue: "APPID_MCHID_NOT_MATCH")
    /// The merchant number does not exist.
    public static let mchNotExists = WeChatErrorCode(rawValue: "MCH_NOT_EXISTS")
    /// The order is closed.
    public static let orderClosed = WeChatErrorCode(rawValue: "ORDER_CLOSED")
    /// The order is paid.
    public static let orderPaid = WeChatErrorCode(rawValue: "ORDERPAID")
    /// No bill exists for that day.
    public static let noStatementExist = WeChatErrorCode(rawValue: "NO_STATEMENT_EXIST")
    /// The bill is being made.
    public static let statementCreating = WeChatErrorCode(rawValue: "STATEMENT_CREATING")
    /// WeChat does not accept the request's signature. Such an answer is never signed itself.
    public static let signError = WeChatErrorCode(rawValue: "SIGN_ERROR")
    /// The merchant lacks a permission.
    public static let noAuth = WeChatErrorCode(rawValue: "NO_AUTH")
    /// The merchant's order number was used before.
    public static let outTradeNoUsed = WeChatErrorCode(rawValue: "OUT_TRADE_NO_USED")
    /// There is not enough money.
    public static let notEnough = WeChatErrorCode(rawValue: "NOT_ENOUGH")
    /// A limit of the product or the account is reached.
    public static let ruleLimit = WeChatErrorCode(rawValue: "RULE_LIMIT")
    /// The trade failed for a business reason.
    public static let tradeError = WeChatErrorCode(rawValue: "TRADE_ERROR")
    /// The account is abnormal.
    public static let accountError = WeChatErrorCode(rawValue: "ACCOUNT_ERROR")
    /// The payer's account is abnormal or closed.
    public static let userAccountAbnormal = WeChatErrorCode(rawValue: "USER_ACCOUNT_ABNORMAL")
    /// Blocked by risk control.
    public static let requestBlocked = WeChatErrorCode(rawValue: "REQUEST_BLOCKED")
    /// There is no such order.
    public static let orderNotExist = WeChatErrorCode(rawValue: "ORDER_NOT_EXIST")
    /// There is no such refund, certificate or other resource.
    public static let resourceNotExists = WeChatErrorCode(rawValue: "RESOURCE_NOT_EXISTS")
    /// Too many requests for one business object.
    public static let frequencyLimited = WeChatErrorCode(rawValue: "FREQUENCY_LIMITED")
    /// Too many requests in all.
    public static let rateLimitExceeded = WeChatErrorCode(rawValue: "RATELIMIT_EXCEEDED")
    /// Too many requests in all, in another spelling.
    public static let rateLimited = WeChatErrorCode(rawValue: "RATE_LIMITED")
    /// WeChat failed; the same request may be sent again.
    public static let systemError = WeChatErrorCode(rawValue: "SYSTEM_ERROR")
    /// The bank failed; the same request may be sent again.
    public static let bankError = WeChatErrorCode(rawValue: "BANK_ERROR")
    /// The openid does not belong to the app id.
    public static let openidMismatch = WeChatErrorCode(rawValue: "OPENID_MISMATCH")
    /// The transaction id is not one.
    public static let invalidTransactionID = WeChatErrorCode(rawValue: "INVALID_TRANSACTIONID")
    /// The service is not there for the moment.
    public static let serviceUnavailable = WeChatErrorCode(rawValue: "SERVICE_UNAVAILABLE")
    /// The payer is entering the password (code pay).
    public static let userPaying = WeChatErrorCode(rawValue: "USERPAYING")

    // Code pay. These are documented for the API v2; whether v3 says the same is unconfirmed.

    /// The payer's code is too old: scan it again. Seen in v2 (`AUTHCODEEXPIRE`); unconfirmed for v3.
    public static let authCodeExpire = WeChatErrorCode(rawValue: "AUTH_CODE_EXPIRE")
    /// The payer's code is wrong, for one because it was used: scan it again. Seen in v2; unconfirmed for v3.
    public static let authCodeError = WeChatErrorCode(rawValue: "AUTH_CODE_ERROR")
    /// What was scanned is no code of WeChat Pay. Seen in v2; unconfirmed for v3.
    public static let authCodeInvalid = WeChatErrorCode(rawValue: "AUTH_CODE_INVALID")
    /// The order is too old to be reversed (seven days): refund it. Seen in v2; unconfirmed for v3.
    public static let reverseExpire = WeChatErrorCode(rawValue: "REVERSE_EXPIRE")
    /// The order was reversed. Seen in v2; unconfirmed for v3.
    public static let orderReversed = WeChatErrorCode(rawValue: "ORDER_REVERSED")
    /// The payer's account does not allow this payment. Seen in v2; unconfirmed for v3.
    public static let notSupportCard = WeChatErrorCode(rawValue: "NOT_SUPORT_CARD")
    /// Another payer has begun to pay the order: use a new number. Seen in v2; unconfirmed for v3.
    public static let buyerMismatch = WeChatErrorCode(rawValue: "BUYER_MISMATCH")

    // Refunds.

    /// The order has been refunded in whole. Seen in v2 and in older tables; unconfirmed for v3.
    public static let orderRefunded = WeChatErrorCode(rawValue: "ORDER_REFUNDED")
    /// The refund was refused; a number that WeChat does not have can be tried again. Seen in v2; unconfirmed for v3.
    public static let bizErrNeedRetry = WeChatErrorCode(rawValue: "BIZERR_NEED_RETRY")
    /// The order is too old to be refunded (one year). Seen in v2; unconfirmed for v3.
    public static let tradeOverdue = WeChatErrorCode(rawValue: "TRADE_OVERDUE")
    /// There have been too many requests with wrong parameters. Seen in v2; unconfirmed for v3.
    public static let invalidRequestTooMuch = WeChatErrorCode(rawValue: "INVALID_REQ_TOO_MUCH")

    // API v2 alone. Codes that both have are above; `canonical` takes the spelling of either.

    /// There is no such refund.
    public static let refundNotExist = WeChatErrorCode(rawValue: "REFUNDNOTEXIST")
    /// The app id does not exist.
    public static let appidNotExist = WeChatErrorCode(rawValue: "APPID_NOT_EXIST")
    /// The merchant number does not exist, as API v2 says it.
    public static let mchidNotExist = WeChatErrorCode(rawValue: "MCHID_NOT_EXIST")
    /// A field is missing.
    public static let lackParams = WeChatErrorCode(rawValue: "LACK_PARAMS")
    /// The body is no XML that WeChat reads.
    public static let xmlFormatError = WeChatErrorCode(rawValue: "XML_FORMAT_ERROR")
    /// The body is not UTF-8.
    public static let notUTF8 = WeChatErrorCode(rawValue: "NOT_UTF8")
    /// The body is empty.
    public static let postDataEmpty = WeChatErrorCode(rawValue: "POST_DATA_EMPTY")
    /// The request is no POST.
    public static let requirePostMethod = WeChatErrorCode(rawValue: "REQUIRE_POST_METHOD")
    /// The order's state does not allow this.
    public static let tradeStateError = WeChatErrorCode(rawValue: "TRADE_STATE_ERROR")
    /// The amounts of a refund do not fit to those of the order, or of the same refund before.
    public static let refundFeeMismatch = WeChatErrorCode(rawValue: "REFUND_FEE_MISMATCH")
    /// The merchant's certificate is not the one of the merchant number.
    public static let certError = WeChatErrorCode(rawValue: "CERT_ERROR")

    /// `jscode2session`: the system is busy.
    public static let loginBusy = WeChatErrorCode(rawValue: "-1")
    /// `jscode2session`: too many calls.
    public static let loginTooOften = WeChatErrorCode(rawValue: "45011")
    /// `jscode2session`: the code is invalid.
    public static let loginCodeInvalid = WeChatErrorCode(rawValue: "40029")
    /// `jscode2session`: the code was used before.
    public static let loginCodeUsed = WeChatErrorCode(rawValue: "40163")

    static let known: [WeChatErrorCode] = [
        .paramError, .invalidRequest, .appidMchidNotMatch, .mchNotExists, .orderClosed, .orderPaid, .noStatementExist,
        .statementCreating, .signError, .noAuth, .outTradeNoUsed, .notEnough, .ruleLimit, .tradeError, .accountError,
        .userAccountAbnormal, .requestBlocked, .orderNotExist, .resourceNotExists, .frequencyLimited, .rateLimitExceeded,
        .rateLimited, .systemError, .bankError, .openidMismatch, .invalidTransactionID, .serviceUnavailable, .userPaying,
        .authCodeExpire, .authCodeError, .authCodeInvalid, .reverseExpire, .orderReversed, .notSupportCard, .buyerMismatch,
        .orderRefunded, .bizErrNeedRetry, .tradeOverdue, .invalidRequestTooMuch, .refundNotExist, .appidNotExist, .mchidNotExist,
        .lackParams, .xmlFormatError, .notUTF8, .postDataEmpty, .requirePostMethod, .tradeStateError, .refundFeeMismatch,
        .certError,
    ]
}
