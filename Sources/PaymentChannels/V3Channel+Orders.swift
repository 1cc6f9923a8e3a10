import PaymentPrimitives
import Payments
import WeChatPay

extension V3Channel {
    package func begin(_ payment: Payment) async -> Outcome<BegunOrder> {
        await outcome { () async throws(WeChatPayError) in BegunOrder(prepay: try await place(payment)) }
    }

    /// What the payer pays with: a `prepay_id`, `code_url` or `h5_url`.
    private func place(_ payment: Payment) async throws(WeChatPayError) -> String {
        if let subMchid = payment.subMchid { return try await place(payment, for: subMchid) }
        let orders = client.transactions
        let (appid, order) = (payment.appid, PrepayOrder(payment))
        let scene = payment.options.scene?.sceneInfo
        switch payment.method {
        case .miniProgram, .jsapi:
            return try await orders.jsapi(
                JSAPIPrepayRequest(appid: appid, order: order, payerOpenID: payment.openID ?? "", sceneInfo: scene)
            ).prepayID
        case .app: return try await orders.app(AppPrepayRequest(appid: appid, order: order, sceneInfo: scene)).prepayID
        case .native: return try await orders.native(NativePrepayRequest(appid: appid, order: order, sceneInfo: scene)).codeURL
        case .h5:
            let (scene, page) = try payment.h5Scene()
            return try await orders.h5(H5PrepayRequest(appid: appid, order: order, sceneInfo: scene, h5Info: page)).h5URL
        case .codePay: throw Self.notPlaced
        }
    }

    /// The same for a sub-merchant.
    private func place(_ payment: Payment, for subMchid: String) async throws(WeChatPayError) -> String {
        let orders = client.partnerTransactions
        let (spAppid, subAppid, order) = (payment.appid, payment.subAppid, PrepayOrder(payment))
        let scene = payment.options.scene?.sceneInfo
        switch payment.method {
        case .miniProgram, .jsapi:
            let openID = payment.openID ?? ""
            return try await orders.jsapi(
                PartnerJSAPIPrepayRequest(
                    spAppid: spAppid, subMchid: subMchid, subAppid: subAppid, order: order,
                    payer: subAppid == nil ? .sp(openid: openID) : .sub(openid: openID), sceneInfo: scene)
            ).prepayID
        case .app:
            return try await orders.app(
                PartnerAppPrepayRequest(
                    spAppid: spAppid, subMchid: subMchid, subAppid: subAppid, order: order, sceneInfo: scene)
            ).prepayID
        case .native:
            return try await orders.native(
                PartnerNativePrepayRequest(
                    spAppid: spAppid, subMchid: subMchid, subAppid: subAppid, order: order, sceneInfo: scene)
            ).codeURL
        case .h5:
            let (scene, page) = try payment.h5Scene()
            return try await orders.h5(
                PartnerH5PrepayRequest(
                    spAppid: spAppid, subMchid: subMchid, subAppid: subAppid, order: order, sceneInfo: scene, h5Info: page)
            ).h5URL
        case .codePay: throw Self.notPlaced
        }
    }

    private static var notPlaced: WeChatPayError {
        WeChatPayError(.invalidArgument, "method: codepay is charged and not placed")
    }

    package func charge(_ payment: Payment, authCode: Secret) async -> Outcome<Charge> {
        await outcome { () async throws(WeChatPayError) in
            let order = try CodePayOrder(payment, authCode: authCode)
            guard let subMchid = payment.subMchid else {
                switch try await client.transactions.codePay(CodePayRequest(appid: payment.appid, order: order)) {
                case .finished(let transaction): return .finished(try facts(transaction))
                case .userPaying: return .userPaying
                }
            }
            let request = PartnerCodePayRequest(
                spAppid: payment.appid, subMchid: subMchid, subAppid: payment.subAppid, order: order)
            switch try await client.partnerTransactions.codePay(request) {
            case .finished(let transaction): return .finished(try facts(transaction))
            case .userPaying: return .userPaying
            }
        }
    }

    package func query(_ reference: ChannelReference) async -> Outcome<TradeFacts> {
        await outcome { () async throws(WeChatPayError) in
            let (number, once) = (reference.outTradeNo, reference.isCharge)
            guard let subMchid = reference.subMchid else {
                return try facts(try await client.transactions.query(outTradeNo: number, once: once))
            }
            return try facts(
                try await client.partnerTransactions.query(outTradeNo: number, subMchid: subMchid, once: once))
        }
    }

    package func close(_ reference: ChannelReference) async -> Outcome<Void> {
        await outcome { () async throws(WeChatPayError) in
            guard let subMchid = reference.subMchid else {
                return try await client.transactions.close(outTradeNo: reference.outTradeNo)
            }
            try await client.partnerTransactions.close(outTradeNo: reference.outTradeNo, subMchid: subMchid)
        }
    }

    package func reverse(_ reference: ChannelReference) async -> Outcome<Void> {
        await outcome { () async throws(WeChatPayError) in
            let appid = reference.appid ?? ""
            guard let subMchid = reference.subMchid else {
                return try await client.transactions.reverse(appid: appid, outTradeNo: reference.outTradeNo)
            }
            try await client.partnerTransactions.reverse(
                spAppid: appid, subMchid: subMchid, subAppid: reference.subAppid, outTradeNo: reference.outTradeNo)
        }
    }

    private func facts(_ transaction: Transaction) throws(WeChatPayError) -> TradeFacts {
        try complete(TradeFacts(transaction))
    }

    private func facts(_ transaction: PartnerTransaction) throws(WeChatPayError) -> TradeFacts {
        try complete(TradeFacts(transaction))
    }

    private func complete(_ facts: TradeFacts) throws(WeChatPayError) -> TradeFacts {
        if let field = facts.missingForSuccess {
            throw WeChatPayError(.malformed, "the answer: \(field) is missing in a success")
        }
        return facts
    }
}
