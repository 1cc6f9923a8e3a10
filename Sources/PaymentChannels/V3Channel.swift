import PaymentPrimitives
import Payments
import WeChatPay

/// The channel port spoken in API v3, for direct merchants and for service providers.
package struct V3Channel: PaymentChannel {
    let client: WeChatPay.Client
    var notifications: Notifications { client.notifications }

    /// A channel that speaks for the client's merchant.
    package init(client: WeChatPay.Client) {
        self.client = client
    }

    /// The platform certificates that are valid now, for the channel that takes this one's place.
    package var platformCertificates: [PlatformCertificate] { client.platformCertificates }

    package var kind: ChannelKind { .v3 }
    package var capabilities: Set<PaymentMethod> { Set(PaymentMethod.allCases) }

    package func handOff(_ payment: Payment) -> Outcome<ClientHandOff> {
        guard let prepay = payment.prepay else { return .unknown("the payment has nothing to be paid with yet") }
        do {
            switch payment.method {
            case .miniProgram, .jsapi: return .known(try requestPayment(payment, prepay.text))
            case .app: return .known(try app(payment, prepay.text))
            case .native, .h5:
                return .known(ClientHandOff(type: prepay.kind.rawValue, fields: [prepay.kind.rawValue: prepay.text]))
            case .codePay: return .unknown("a charge has nothing to hand out")
            }
        } catch {
            return .unknown(error.message)
        }
    }

    /// In a service provider's order the page is the sub-merchant's, if it has an app of its own.
    private func page(of payment: Payment) -> String { payment.subAppid ?? payment.appid }

    private func requestPayment(_ payment: Payment, _ prepayID: String) throws(WeChatPayError) -> ClientHandOff {
        let parameters = try client.transactions.requestPaymentParameters(appid: page(of: payment), prepayID: prepayID)
        var fields = [
            "timeStamp": parameters.timeStamp, "nonceStr": parameters.nonceStr, "package": parameters.package,
            "signType": parameters.signType, "paySign": parameters.paySign,
        ]
        // The official account's bridge wants the app id too; wx.requestPayment does not.
        if payment.method == .jsapi { fields["appId"] = page(of: payment) }
        return ClientHandOff(type: "request_payment", fields: fields)
    }

    private func app(_ payment: Payment, _ prepayID: String) throws(WeChatPayError) -> ClientHandOff {
        let parameters = try client.transactions.appPaymentParameters(appid: page(of: payment), prepayID: prepayID)
        return ClientHandOff(
            type: "app",
            fields: [
                "appId": parameters.appId, "partnerId": parameters.partnerId, "prepayId": parameters.prepayId,
                "packageValue": parameters.packageValue, "nonceStr": parameters.nonceStr, "timeStamp": parameters.timeStamp,
                "sign": parameters.sign,
            ])
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
