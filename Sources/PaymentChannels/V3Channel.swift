import HTTPTypes
import PaymentPrimitives
import Payments
import WeChatPay

/// The channel port spoken in API v3.
package struct V3Channel: PaymentChannel {
    let client: WeChatPay.Client
    var notifications: Notifications { client.notifications }

    /// A channel that speaks for the client's merchant.
    package init(client: WeChatPay.Client) {
        self.client = client
    }

    package var kind: ChannelKind { .v3 }
    package var capabilities: Set<PaymentMethod> { [.miniProgram, .jsapi] }

    package func begin(_ payment: Payment) async -> Outcome<BegunOrder> {
        await outcome { () async throws(WeChatPayError) in
            let order = PrepayOrder(
                description: payment.description, outTradeNo: payment.outTradeNo, notifyURL: payment.notifyURL,
                amount: payment.amount, timeExpire: payment.expiresAt, attach: payment.attach)
            let request = JSAPIPrepayRequest(appid: payment.appid, order: order, payerOpenID: payment.openID ?? "")
            return BegunOrder(prepayID: try await client.transactions.jsapi(request).prepayID)
        }
    }

    package func handOff(_ payment: Payment) -> Outcome<ClientHandOff> {
        guard let prepayID = payment.prepayID else { return .unknown("the payment has no prepay_id") }
        do {
            let parameters = try client.transactions.requestPaymentParameters(appid: payment.appid, prepayID: prepayID)
            // The official account's bridge wants the app id too; wx.requestPayment does not.
            var fields = [
                "timeStamp": parameters.timeStamp, "nonceStr": parameters.nonceStr, "package": parameters.package,
                "signType": parameters.signType, "paySign": parameters.paySign,
            ]
            if payment.method == .jsapi { fields["appId"] = payment.appid }
            return .known(ClientHandOff(type: "request_payment", fields: fields))
        } catch {
            return .unknown(error.message)
        }
    }

    package func query(_ reference: ChannelReference) async -> Outcome<TradeFacts> {
        await outcome { () async throws(WeChatPayError) in
            let transaction = try await client.transactions.query(outTradeNo: reference.outTradeNo)
            if let field = transaction.missingForSuccess {
                throw WeChatPayError(.malformed, "the answer: \(field) is missing in a success")
            }
            return TradeFacts(transaction)
        }
    }

    package func close(_ reference: ChannelReference) async -> Outcome<Void> {
        await outcome { () async throws(WeChatPayError) in
            try await client.transactions.close(outTradeNo: reference.outTradeNo)
        }
    }

    package func refreshKeys() async -> String? {
        do {
            try await client.certificates.refreshIfDue()
            return nil
        } catch {
            return error.description
        }
    }

    package func readiness() async -> String? {
        client.certificates.known.isEmpty
            ? "no platform certificate or public key of merchant \(client.merchant.mchid) is known yet" : nil
    }

    /// A verified error is believed; an unverified one, like silence, proves nothing.
    func outcome<Value: Sendable>(
        _ body: () async throws(WeChatPayError) -> Value
    ) async -> Outcome<Value> {
        do {
            return .known(try await body())
        } catch {
            switch error.code {
            case .refused where error.isVerified:
                return .refused(
                    code: error.wechatCode?.canonical.rawValue ?? "HTTP_\(error.status ?? 0)", message: error.message,
                    final: error.advice == .stop)
            case .refused:
                return .unknown(error.description)
            case .invalidArgument:
                return .refused(code: "PARAM_ERROR", message: error.message, final: true)
            default:
                return .unknown(error.description)
            }
        }
    }
}
