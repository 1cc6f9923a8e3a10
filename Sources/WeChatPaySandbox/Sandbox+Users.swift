import PaymentPrimitives
import Synchronization

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

    /// Gives a user a coupon. When the user pays, the one that pays most of the order is used by itself.
    ///
    /// - Parameters:
    ///   - openid: who gets it.
    ///   - amount: what it is worth, in fen, 1 to 1,000,000,000,000.
    ///   - type: who pays for it.
    ///   - name: what the user sees; `nil`: a name by its type.
    ///   - minimum: the smallest order that it may be used for, in fen.
    ///   - goodsTag: the `goods_tag` that an order must have; `nil`: any order.
    /// - Throws: ``SandboxError`` with code `notFound` when there is no such user, `invalidArgument` for an amount; `storage`.
    @discardableResult
    public func addCoupon(
        openid: String, amount: Int64, type: SandboxOrder.AppliedCoupon.Kind, name: String? = nil, minimum: Int64 = 0,
        goodsTag: String? = nil
    ) throws -> SandboxCoupon {
        try update { engine, _ in
            try engine.addCoupon(
                openid: openid, amount: amount, type: type, name: name, minimum: minimum, goodsTag: goodsTag)
        }
    }

    /// The coupons that were given, in that order, used ones too.
    ///
    /// - Parameter openid: only this user's; `nil`: all.
    public func coupons(openid: String? = nil) -> [SandboxCoupon] {
        shared.withLock { $0.engine.state.coupons.values.filter { openid == nil || $0.openid == openid } }
            .sorted { $0.couponID < $1.couponID }
    }

    /// A combined order and its parts; `nil` when there is none.
    func combined(mchid: String, outTradeNo: String) -> (CombineOrder, [SandboxOrder])? {
        shared.withLock { $0.engine.combined(outTradeNo, mchid, at: $0.engine.moment(clock.now).business) }
    }
}
