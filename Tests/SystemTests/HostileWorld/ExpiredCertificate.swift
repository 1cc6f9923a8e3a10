import PaymentPrimitives
import WeChatPay

@testable import WeChatPaySandbox

/// A platform certificate of long ago.
enum ExpiredCertificate {
    static func pem(for privateKeyPEM: String, madeAt moment: Timestamp) throws -> String {
        try KeyMaker(random: SystemRandom(), now: moment)
            .certificatePEM(for: privateKeyPEM, commonName: "Tenpay.com sign", organization: "Tenpay.com")
    }

    static func serial(of pem: String) throws -> String { try PlatformCertificate(pem: pem).serialNo }
}
