/// What went wrong between a merchant and WeChat Pay, and what to do about it.
///
/// Equality compares the code alone, so that a test can say `#expect(throws: WeChatPayError.signatureInvalid)`. No
/// description contains a key, a token or a whole openid.
public struct WeChatPayError: Error, Sendable {
    /// The kind of failure.
    public let code: Code
    /// What happened, to which field, and what to do next.
    public let message: String
    /// The error below this one, if there was one.
    public let underlying: (any Error)?
    /// The HTTP status that WeChat answered with.
    public let status: Int?
    /// WeChat's own code, for example `ORDER_NOT_EXIST`.
    public let wechatCode: WeChatErrorCode?
    /// WeChat's `detail`, as JSON text, where it sent one.
    public let detail: String?
    /// WeChat's `Request-ID`: what its support asks for.
    public let requestID: String?
    /// Whether the bytes that caused the error carried WeChat's valid signature.
    ///
    /// `false` for all that never left this machine, and for answers of gateways in between: their status and code are
    /// a hint, not WeChat's word.
    public let isVerified: Bool
    /// Whether the request must not be sent a second time, whatever became of it.
    private(set) var isSentOnce = false
    /// Where the error was made.
    public let file: String
    /// Where the error was made.
    public let line: Int

    /// An error of a kind, with words.
    public init(
        _ code: Code, _ message: String, underlying: (any Error)? = nil, status: Int? = nil,
        wechatCode: WeChatErrorCode? = nil, detail: String? = nil, requestID: String? = nil,
        isVerified: Bool = false, file: String = #fileID, line: Int = #line
    ) {
        self.code = code
        self.message = message
        self.underlying = underlying
        self.status = status
        self.wechatCode = wechatCode
        self.detail = detail
        self.requestID = requestID
        self.isVerified = isVerified
        self.file = file
        self.line = line
    }

    /// The kind of failure.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String {
            case invalidKey, invalidArgument, decryptionFailed, signatureInvalid, signatureMissing, signatureExpired
            case unknownPlatformKey, malformed, responseTooLarge, transport, timeout, refused, loginFailed, digestMismatch
        }

        private let kind: Kind
        private init(_ kind: Kind) { self.kind = kind }
        public var description: String { kind.rawValue }

        /// A key or certificate cannot be read, or is of the wrong kind.
        public static let invalidKey = Code(.invalidKey)
        /// A request field is missing, too long or has characters that WeChat refuses; nothing was sent.
        public static let invalidArgument = Code(.invalidArgument)
        /// An encrypted resource could not be opened.
        public static let decryptionFailed = Code(.decryptionFailed)
        /// An answer or notification carries a signature that does not fit.
        public static let signatureInvalid = Code(.signatureInvalid)
        /// An answer or notification carries no signature, or a signature header twice.
        public static let signatureMissing = Code(.signatureMissing)
        /// The timestamp is more than 300 s away from the clock.
        public static let signatureExpired = Code(.signatureExpired)
        /// No platform certificate or public key with that serial is known, or it has expired.
        public static let unknownPlatformKey = Code(.unknownPlatformKey)
        /// The bytes are not what WeChat documents: JSON, fields, types.
        public static let malformed = Code(.malformed)
        /// An answer was longer than the limit.
        public static let responseTooLarge = Code(.responseTooLarge)
        /// A downloaded file is not the one whose digest WeChat gave: download it again.
        public static let digestMismatch = Code(.digestMismatch)
        /// No connection, or it broke. The request may or may not have taken effect.
        public static let transport = Code(.transport)
        /// No answer in time. The request may or may not have taken effect.
        public static let timeout = Code(.timeout)
        /// WeChat answered with an error; see ``WeChatPayError/wechatCode``.
        public static let refused = Code(.refused)
        /// `jscode2session` refused the code.
        public static let loginFailed = Code(.loginFailed)
    }
}

extension WeChatPayError: Equatable {
    public static func == (left: WeChatPayError, right: WeChatPayError) -> Bool {
        left.code == right.code
            && (left.wechatCode == nil || right.wechatCode == nil || left.wechatCode?.canonical == right.wechatCode?.canonical)
    }

    /// For `#expect(throws: WeChatPayError.signatureInvalid)`.
    public static var signatureInvalid: WeChatPayError { WeChatPayError(.signatureInvalid, "") }
    /// For `#expect(throws: WeChatPayError.signatureMissing)`.
    public static var signatureMissing: WeChatPayError { WeChatPayError(.signatureMissing, "") }
    /// For `#expect(throws: WeChatPayError.signatureExpired)`.
    public static var signatureExpired: WeChatPayError { WeChatPayError(.signatureExpired, "") }
    /// For `#expect(throws: WeChatPayError.unknownPlatformKey)`.
    public static var unknownPlatformKey: WeChatPayError { WeChatPayError(.unknownPlatformKey, "") }
    /// For `#expect(throws: WeChatPayError.malformed)`.
    public static var malformed: WeChatPayError { WeChatPayError(.malformed, "") }
    /// For `#expect(throws: WeChatPayError.decryptionFailed)`.
    public static var decryptionFailed: WeChatPayError { WeChatPayError(.decryptionFailed, "") }
    /// For `#expect(throws: WeChatPayError.invalidArgument)`.
    public static var invalidArgument: WeChatPayError { WeChatPayError(.invalidArgument, "") }
}

extension WeChatPayError: CustomStringConvertible {
    public var description: String {
        var text = "\(code): \(message)"
        if let wechatCode { text += " [\(wechatCode)]" }
        if let status { text += " (HTTP \(status))" }
        if let requestID { text += " Request-ID \(requestID)" }
        return text
    }

    /// The same error with what is known of the answer in which it was found.
    package func found(status: Int? = nil, requestID: String? = nil, isVerified: Bool = false) -> WeChatPayError {
        var error = WeChatPayError(
            code, message, underlying: underlying, status: self.status ?? status, wechatCode: wechatCode, detail: detail,
            requestID: self.requestID ?? requestID, isVerified: self.isVerified || isVerified, file: file, line: line)
        error.isSentOnce = isSentOnce
        return error
    }

    /// The same error of a request that must not be sent twice: its advice is never to send it again.
    package var sentOnce: WeChatPayError {
        var error = self
        error.isSentOnce = true
        return error
    }
}
