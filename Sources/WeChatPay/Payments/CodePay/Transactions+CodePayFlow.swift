extension Transactions {
    /// Charges a payer's code and stays until it is known how that ended: charge, query, and after 45 seconds reverse.
    ///
    /// The charge, its queries and its reversals never go to the backup host. It goes on until WeChat says how it ended;
    /// cancel the task to stop waiting, and run the stored value later.
    ///
    /// - Parameters:
    ///   - flow: how far it is; its last state when this returns or throws.
    ///   - request: needed for a flow that is ``CodePayFlow/State/ready``; not stored in it, since it has the payer's code.
    ///   - onChange: stores the flow; called before each next step. What it throws ends the run.
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` before anything is sent, `CancellationError`, and what
    ///   `onChange` throws. Errors of WeChat are part of the flow, but for one: `refused` with
    ///   ``WeChatErrorCode/signError``, unsigned and twice in a row. Nothing is decided then; set the key right and run the
    ///   flow again.
    public func run(
        _ flow: inout CodePayFlow, charging request: CodePayRequest? = nil,
        onChange: (CodePayFlow) async throws -> Void
    ) async throws -> CodePayResult<Transaction> {
        let (appid, outTradeNo) = (flow.appid, flow.outTradeNo)
        guard flow.subMchid == nil else {
            throw WeChatPayError(.invalidArgument, "flow: a sub-merchant's; run it with client.partnerTransactions")
        }
        if let request {
            try request.body(mchid: mchid).validate()
            guard CodePayFlow(request).isOfSameOrder(flow) else { throw CodePayFlow.otherRequest }
        } else if flow.state == .ready {
            throw CodePayFlow.noRequest
        }
        let number = try OrderEndpoint.number(outTradeNo: outTradeNo)
        return try await CodePayDriver<Transaction>(
            clock: client.clock, tradeState: \.trade.tradeState,
            charge: { () async throws(WeChatPayError) in
                guard let request else { throw CodePayFlow.noRequest }
                return try await codePay(request)
            },
            query: { () async throws(WeChatPayError) in
                try await query(number, isIdempotent: false) { $0.outTradeNo == outTradeNo }
            },
            reverse: { () async throws(WeChatPayError) in
                try await reverse(appid: appid, outTradeNo: outTradeNo)
            }
        ).run(&flow, onChange: onChange)
    }
}

extension PartnerTransactions {
    /// Charges a payer's code for a sub-merchant and stays until it is known how that ended; see
    /// ``Transactions/run(_:charging:onChange:)``.
    ///
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` before anything is sent, `CancellationError`, and what
    ///   `onChange` throws. Errors of WeChat are part of the flow, but for one: `refused` with
    ///   ``WeChatErrorCode/signError``, unsigned and twice in a row. Nothing is decided then; set the key right and run the
    ///   flow again.
    public func run(
        _ flow: inout CodePayFlow, charging request: PartnerCodePayRequest? = nil,
        onChange: (CodePayFlow) async throws -> Void
    ) async throws -> CodePayResult<PartnerTransaction> {
        let (appid, outTradeNo, subAppid) = (flow.appid, flow.outTradeNo, flow.subAppid)
        guard let subMchid = flow.subMchid else {
            throw WeChatPayError(.invalidArgument, "flow: a direct merchant's; run it with client.transactions")
        }
        if let request {
            try request.body(spMchid: spMchid).validate()
            guard CodePayFlow(request).isOfSameOrder(flow) else { throw CodePayFlow.otherRequest }
        } else if flow.state == .ready {
            throw CodePayFlow.noRequest
        }
        let number = try OrderEndpoint.number(outTradeNo: outTradeNo)
        return try await CodePayDriver<PartnerTransaction>(
            clock: client.clock, tradeState: \.trade.tradeState,
            charge: { () async throws(WeChatPayError) in
                guard let request else { throw CodePayFlow.noRequest }
                return try await codePay(request)
            },
            query: { () async throws(WeChatPayError) in
                try await query(number, subMchid, isIdempotent: false) { $0.outTradeNo == outTradeNo }
            },
            reverse: { () async throws(WeChatPayError) in
                try await reverse(spAppid: appid, subMchid: subMchid, subAppid: subAppid, outTradeNo: outTradeNo)
            }
        ).run(&flow, onChange: onChange)
    }
}

extension CodePayFlow {
    package static var noRequest: WeChatPayError {
        WeChatPayError(.invalidArgument, "request: missing; a flow that has not begun charges with it")
    }
    package static var otherRequest: WeChatPayError {
        WeChatPayError(.invalidArgument, "request: of another order or merchant than the flow")
    }

    /// Whether it is about the same order, however far it is.
    package func isOfSameOrder(_ other: CodePayFlow) -> Bool {
        [appid, outTradeNo, subMchid, subAppid] == [other.appid, other.outTradeNo, other.subMchid, other.subAppid]
    }
}
