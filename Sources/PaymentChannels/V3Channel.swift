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
            case .miniProgram, .jsapi:
                let parameters = try client.transactions.requestPaymentParameters(
                    appid: page(of: payment), prepayID: prepay.text)
                return .known(ClientHandOff(parameters, appid: payment.method == .jsapi ? page(of: payment) : nil))
            case .app:
                return .known(
                    ClientHandOff(
                        try client.transactions.appPaymentParameters(appid: page(of: payment), prepayID: prepay.text)))
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
}
