import PaymentPrimitives
import Payments
import WeChatPayV2

/// The channel port spoken in API v2 (XML), for direct merchants and for service providers.
package struct V2Channel: PaymentChannel {
    let client: V2Client
    /// Where WeChat is told to send the notifications of refunds.
    let refundNotifyURL: String

    /// A channel that speaks for the client's merchant.
    package init(client: V2Client, refundNotifyURL: String) {
        self.client = client
        self.refundNotifyURL = refundNotifyURL
    }

    package var kind: ChannelKind { .v2 }

    /// A charge must be able to be reversed, and for that WeChat wants the merchant's certificate.
    package var capabilities: Set<PaymentMethod> {
        Set(PaymentMethod.allCases).subtracting(client.hasCertificate ? [] : [.codePay])
    }

    package func handOff(_ payment: Payment) -> Outcome<ClientHandOff> {
        guard let prepay = payment.prepay else { return .unknown("the payment has nothing to be paid with yet") }
        // In a service provider's order the page is the sub-merchant's, if it has an app of its own.
        let page = payment.subAppid ?? payment.appid
        do {
            switch payment.method {
            case .miniProgram, .jsapi:
                let parameters = try client.requestPaymentParameters(appid: page, prepayID: prepay.text)
                return .known(ClientHandOff(parameters, appid: payment.method == .jsapi ? page : nil))
            case .app: return .known(ClientHandOff(try client.appPaymentParameters(appid: page, prepayID: prepay.text)))
            case .native, .h5:
                return .known(ClientHandOff(type: prepay.kind.rawValue, fields: [prepay.kind.rawValue: prepay.text]))
            case .codePay: return .unknown("a charge has nothing to hand out")
            }
        } catch {
            return .unknown(error.message)
        }
    }

    /// The API key is all there is: nothing is fetched.
    package func refreshKeys() async -> String? { nil }

    package func readiness() async -> String? { nil }
}
