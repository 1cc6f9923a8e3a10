extension Sandbox {
    /// Adds a user, who is kept with the state.
    ///
    /// - Throws: ``SandboxError`` with code `invalidArgument` for an openid that is none or is taken, or a negative balance;
    ///   `notFound` when no merchant has the app; `storage`.
    public func addUser(_ user: SandboxUser) throws {
        try update { engine, _ in try engine.addUser(user) }
    }

    /// What the user shows at a till: the 18 digits of a payment code, which live one minute and work once.
    ///
    /// Above 1000 yuan (100,000 fen) the user is asked for the password; see ``confirmCode(outTradeNo:mchid:outcome:)``.
    ///
    /// - Parameters:
    ///   - openid: who shows it.
    ///   - needsPassword: whether the user is asked for the password whatever the amount.
    /// - Throws: ``SandboxError`` with code `notFound` when there is no such user; `storage`.
    public func authCode(openid: String, needsPassword: Bool = false) throws -> String {
        try update { engine, moment in try engine.authCode(openid: openid, needsPassword: needsPassword, at: moment) }
    }

    /// The user answers the question for the password, within five minutes.
    ///
    /// - Parameters:
    ///   - outTradeNo: the merchant's number of the order.
    ///   - mchid: the merchant, or the service provider, that has charged the code.
    ///   - outcome: `success`, `cancel`, `wrongPassword` or `insufficient`.
    /// - Throws: ``SandboxError`` with code `notFound` when there is no such order, `invalidArgument` when nobody is being
    ///   asked; `storage`.
    @discardableResult
    public func confirmCode(outTradeNo: String, mchid: String, outcome: PayOutcome = .success) throws -> PayReport {
        try update { engine, moment in
            try engine.confirmCode(outTradeNo: outTradeNo, mchid: mchid, outcome: outcome, at: moment)
        }
    }
}
