extension WeChatPayError {
    /// What a caller does after an error.
    public enum Advice: Hashable, Sendable {
        /// Send the same request again after a pause, with the same numbers: nothing was decided. Never said of a charge
        /// of a payer's code, which is sent once.
        case sendAgain
        /// Nobody knows what happened, or it happened before: query the order (the refund, …) and believe the answer.
        /// Never take it for a failure.
        case askForTheOrder
        /// WeChat has decided, or the request is wrong: the same request can never succeed.
        case stop
    }

    /// What to do about the error.
    ///
    /// An error that carries no valid signature of WeChat (see ``isVerified``) never says `stop`, since a gateway may
    /// have made it up; the one exception is `SIGN_ERROR`, which WeChat never signs.
    public var advice: Advice {
        switch code {
        case .invalidKey, .invalidArgument: .stop
        case .digestMismatch: .sendAgain
        case .loginFailed: wechatCode == .loginBusy || wechatCode == .loginTooOften ? .sendAgain : .stop
        case .refused: isSentOnce && refusalAdvice == .sendAgain ? .askForTheOrder : refusalAdvice
        default: .askForTheOrder
        }
    }

    private var refusalAdvice: Advice {
        switch wechatCode?.canonical {
        case .some(.systemError), .some(.bankError), .some(.serviceUnavailable), .some(.frequencyLimited),
            .some(.rateLimitExceeded), .some(.rateLimited), .some(.statementCreating), .some(.bizErrNeedRetry),
            .some(.invalidRequestTooMuch):
            return .sendAgain
        case .some(.orderPaid), .some(.outTradeNoUsed), .some(.userPaying), .some(.orderReversed), .some(.orderRefunded):
            return .askForTheOrder
        case .some(.signError):
            return .stop
        case .some(let known) where WeChatErrorCode.known.contains(known):
            return isVerified ? .stop : .askForTheOrder
        default:
            guard let status else { return .askForTheOrder }
            if status == 429 || status >= 500 { return .sendAgain }
            return isVerified && status >= 400 ? .stop : .askForTheOrder
        }
    }
}
