import PaymentPrimitives
import Payments
import WeChatPayV2

extension V2Channel {
    package func begin(_ payment: Payment) async -> Outcome<BegunOrder> {
        await outcome { () async throws(WeChatPayError) in
            let order = try await client.unifiedOrder(
                UnifiedOrderRequest(
                    appid: payment.appid, order: try V2Order(payment), notifyURL: payment.notifyURL,
                    kind: try payment.v2Kind(), sub: payment.v2Sub))
            return switch payment.method {
            case .native: BegunOrder(prepay: order.codeURL)
            case .h5: BegunOrder(prepay: order.mwebURL)
            case .miniProgram, .jsapi, .app, .codePay: BegunOrder(prepay: order.prepayID)
            }
        }
    }

    package func charge(_ payment: Payment, authCode: Secret) async -> Outcome<Charge> {
        await outcome { () async throws(WeChatPayError) in
            let request = MicropayRequest(
                appid: payment.appid, order: try V2Order(payment),
                authCode: authCode.withBytes { String(decoding: $0, as: UTF8.self) }, sub: payment.v2Sub)
            switch try await client.micropay(request) {
            case .finished(let transaction): return .finished(try facts(transaction))
            case .userPaying: return .userPaying
            }
        }
    }

    package func query(_ reference: ChannelReference) async -> Outcome<TradeFacts> {
        await outcome { () async throws(WeChatPayError) in
            try facts(
                try await client.query(
                    appid: reference.appid ?? "", .outTradeNo(reference.outTradeNo), sub: reference.v2Sub,
                    once: reference.isCharge))
        }
    }

    package func close(_ reference: ChannelReference) async -> Outcome<Void> {
        await outcome { () async throws(WeChatPayError) in
            try await client.close(
                appid: reference.appid ?? "", outTradeNo: reference.outTradeNo, sub: reference.v2Sub)
        }
    }

    package func reverse(_ reference: ChannelReference) async -> Outcome<Void> {
        await outcome { () async throws(WeChatPayError) in
            try await client.reverse(
                appid: reference.appid ?? "", outTradeNo: reference.outTradeNo, sub: reference.v2Sub)
        }
    }

    private func facts(_ transaction: V2Transaction) throws(WeChatPayError) -> TradeFacts {
        let facts = TradeFacts(transaction)
        if let field = facts.missingForSuccess {
            throw WeChatPayError(.malformed, "the answer: \(field) is missing in a success")
        }
        return facts
    }
}

extension TradeFacts {
    /// What API v2 attests about an order.
    init(_ transaction: V2Transaction) {
        self.init(transaction.trade, mchid: transaction.mchid)
        appid = transaction.appid
        subMchid = transaction.subMchid
        subAppid = transaction.subAppid
        openID = (transaction.subAppid == nil ? transaction.payer : transaction.subPayer)?.openid
        // 免充值 coupons are not settled to the merchant.
        if let total, let settled = transaction.settlementTotal, settled < total { merchantDiscount = total - settled }
    }
}
