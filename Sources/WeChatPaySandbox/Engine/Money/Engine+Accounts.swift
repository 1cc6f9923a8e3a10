import PaymentPrimitives

extension Engine {
    /// A merchant's accounts.
    func balances(_ mchid: String) throws(SandboxError) -> MerchantBalances {
        guard isMerchant(mchid) else { throw SandboxError(.notFound, "there is no merchant \(mchid)") }
        let ledger = state.money.ledger
        let refunding = state.money.refunds.values.filter {
            $0.payee == mchid && ($0.status == .processing || $0.status == .abnormal)
        }
        return MerchantBalances(
            mchid: mchid, unsettledFen: ledger.balance(.unsettled(mchid)), availableFen: ledger.balance(.available(mchid)),
            operationFen: ledger.balance(.operation(mchid)), refundingFen: refunding.reduce(0) { $0 + $1.settlementRefund })
    }

    /// Money from the merchant's bank.
    mutating func topUp(_ mchid: String, _ fen: Int64, _ account: MerchantAccount, at moment: Moment) throws(SandboxError) {
        try move(mchid, fen, .topUp, from: .bank, to: account.ledgerAccount(mchid), moment)
    }

    /// Money to the merchant's bank.
    mutating func withdraw(_ mchid: String, _ fen: Int64, _ account: MerchantAccount, at moment: Moment) throws(SandboxError) {
        let source = account.ledgerAccount(mchid)
        let balance = state.money.ledger.balance(source)
        guard fen <= balance else {
            throw SandboxError(
                .invalidArgument,
                "amount_fen \(fen) is more than merchant \(mchid) can withdraw, \(balance); 未结算 is settled at T+1")
        }
        try move(mchid, fen, .withdrawal, from: source, to: .bank, moment)
    }

    private mutating func move(
        _ mchid: String, _ fen: Int64, _ business: Ledger.Business, from: LedgerAccount, to: LedgerAccount, _ moment: Moment
    ) throws(SandboxError) {
        guard isMerchant(mchid) else { throw SandboxError(.notFound, "there is no merchant \(mchid)") }
        guard (1...Ledger.greatestAmount).contains(fen) else {
            throw SandboxError(.invalidArgument, "amount_fen must be 1 to \(Ledger.greatestAmount)")
        }
        let day = moment.business.rfc3339.prefix(10).filter(\.isNumber)
        let number = "\(business == .topUp ? "3010" : "3020")\(day)\(padded(nextSequence(), 16))"
        state.money.ledger.post(
            business, .init(mchid: mchid, reference: number, voucher: number, applicant: "\(mchid)@\(mchid)"),
            [.init(from: from, to: to, fen: fen)], at: moment.business)
        isChanged = true
    }

    private func isMerchant(_ mchid: String) -> Bool {
        platform.setup.merchants.contains { $0.mchid == mchid || $0.subMerchants.contains { $0.subMchid == mchid } }
    }
}

extension MerchantAccount {
    fileprivate func ledgerAccount(_ mchid: String) -> LedgerAccount {
        switch self {
        case .basic: .available(mchid)
        case .operation: .operation(mchid)
        }
    }
}
