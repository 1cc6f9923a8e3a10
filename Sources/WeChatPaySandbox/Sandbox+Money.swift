import PaymentPrimitives

/// What a merchant has at WeChat Pay, in fen.
public struct MerchantBalances: Sendable, Equatable {
    /// The merchant, or the merchant below a service provider.
    public let mchid: String
    /// 未结算资金: paid today or not settled yet. It becomes available at 09:00 Beijing time of the next day.
    public let unsettledFen: Int64
    /// 可用余额 of the 基本账户. Below zero only when a reverse of a paid order took more than there was.
    public let availableFen: Int64
    /// 运营账户.
    public let operationFen: Int64
    /// What was taken for refunds that have not reached the user.
    public let refundingFen: Int64
}

/// An account of a merchant's that can be topped up and withdrawn from.
public enum MerchantAccount: String, Sendable, CaseIterable {
    /// 基本账户.
    case basic = "BASIC"
    /// 运营账户.
    case operation = "OPERATION"
}

extension Sandbox {
    /// What the platform knows about a refund; `nil` when it knows none.
    ///
    /// - Parameters:
    ///   - mchid: the merchant of the order: with a service provider's order, the service provider.
    ///   - outRefundNo: the merchant's number of the refund.
    /// - Throws: ``SandboxError`` with code `storage`.
    public func refund(mchid: String, outRefundNo: String) throws -> SandboxRefund? {
        try update { engine, _ in engine.state.money.refunds[SandboxRefund.key(mchid, outRefundNo)] }
    }

    /// Refunds in the merchant console, as a person does it there: no server asks for it, and none hears of it unless the
    /// merchant has a ``SandboxMerchant/refundNotifyURL``.
    ///
    /// - Parameters:
    ///   - mchid: the merchant of the order.
    ///   - outTradeNo: the order, or `nil` when `transactionID` says it.
    ///   - transactionID: the payment, or `nil` when `outTradeNo` says it.
    ///   - amountFen: how much, in fen, coupons included.
    /// - Throws: ``SandboxError`` with code `notFound`, or `invalidArgument` with what WeChat would say.
    @discardableResult
    public func refundFromConsole(
        mchid: String, outTradeNo: String? = nil, transactionID: String? = nil, amountFen: Int64
    ) throws -> SandboxRefund {
        try update { engine, moment in
            try engine.refundFromConsole(
                mchid: mchid, transactionID: transactionID, outTradeNo: outTradeNo, amount: amountFen, at: moment)
        }
    }

    /// Decides how a refund ends; without it, it succeeds five seconds of business time after it was accepted.
    ///
    /// - Parameters:
    ///   - mchid: the merchant of the order.
    ///   - outRefundNo: the refund, which may be still to come; `nil`: the next one that the merchant asks for.
    ///   - outcome: how it ends.
    /// - Throws: ``SandboxError`` with code `notFound`, or `invalidArgument` when the refund has ended already.
    public func setRefundOutcome(mchid: String, outRefundNo: String?, _ outcome: RefundOutcome) throws {
        try update { engine, _ in try engine.setRefundOutcome(mchid: mchid, outRefundNo: outRefundNo, outcome) }
    }

    /// What a merchant has at WeChat Pay.
    ///
    /// - Throws: ``SandboxError`` with code `notFound`.
    public func balances(mchid: String) throws -> MerchantBalances {
        try update { engine, _ in try engine.balances(mchid) }
    }

    /// Tops a merchant's account up from its bank.
    ///
    /// - Parameter amountFen: 1 to 1,000,000,000,000 fen.
    /// - Throws: ``SandboxError`` with code `notFound` or `invalidArgument`.
    @discardableResult
    public func topUp(mchid: String, amountFen: Int64, account: MerchantAccount = .basic) throws -> MerchantBalances {
        try update { engine, moment in
            try engine.topUp(mchid, amountFen, account, at: moment)
            return try engine.balances(mchid)
        }
    }

    /// Withdraws from a merchant's account to its bank.
    ///
    /// - Parameter amountFen: 1 to what is available, in fen; 未结算资金 cannot be withdrawn.
    /// - Throws: ``SandboxError`` with code `notFound` or `invalidArgument`.
    @discardableResult
    public func withdraw(mchid: String, amountFen: Int64, account: MerchantAccount = .basic) throws -> MerchantBalances {
        try update { engine, moment in
            try engine.withdraw(mchid, amountFen, account, at: moment)
            return try engine.balances(mchid)
        }
    }

    /// What is in a user's wallet, in fen.
    ///
    /// - Throws: ``SandboxError`` with code `notFound`.
    public func balance(openid: String) throws -> Int64 {
        try update { engine, _ in
            guard let user = engine.user(openid) else {
                throw SandboxError(.notFound, "there is no user with that openid; sandbox.json lists users")
            }
            return engine.walletBalance(of: user)
        }
    }
}
