import AsyncHTTPClient
import Foundation
import NIOSSL
import Testing
import WeChatPay
import WeChatPayV2

@Suite("The merchant's certificate")
struct ClientIdentityTests {
    private let password = Secret(IdentityFixtures.password)

    @Test("PKCS#12 with the merchant number as its password, and PEM, give a TLS configuration that verifies the other side")
    func good() throws {
        let pkcs12 = Array(try #require(Data(base64Encoded: IdentityFixtures.pkcs12)))
        for identity in [
            try ClientIdentity(pkcs12: pkcs12, password: password),
            try ClientIdentity(certificatePEM: IdentityFixtures.certificatePEM, keyPEM: Secret(IdentityFixtures.keyPEM)),
        ] {
            let configuration = identity.configuration()
            let tls = try #require(configuration.tlsConfiguration)
            #expect(tls.certificateChain.count == 1 && tls.privateKey != nil)
            #expect(tls.certificateVerification == .fullVerification)
            #expect(configuration.httpVersion == .http1Only)
        }
    }

    @Test("A wrong password, a damaged file and swapped files are named, without what is in them")
    func bad() throws {
        let pkcs12 = Array(try #require(Data(base64Encoded: IdentityFixtures.pkcs12)))
        for (bytes, password) in [
            (pkcs12, Secret("wrong")), (pkcs12, Secret("")), (Array(pkcs12.dropLast(9)), password), ([], password),
        ] {
            let error = #expect(throws: WeChatPayError.self) { try ClientIdentity(pkcs12: bytes, password: password) }
            #expect(error?.code == .invalidKey && error?.message.hasPrefix("apiclient_cert.p12") == true)
        }
        let (certificate, key) = (IdentityFixtures.certificatePEM, IdentityFixtures.keyPEM)
        for (certificate, key, file) in [
            (certificate, certificate, "apiclient_key.pem"), (certificate, "", "apiclient_key.pem"),
            ("", key, "apiclient_cert.pem"), (key, key, "apiclient_cert.pem"),
        ] {
            let error = #expect(throws: WeChatPayError.self) {
                try ClientIdentity(certificatePEM: certificate, keyPEM: Secret(key))
            }
            #expect(error?.code == .invalidKey && error?.message.hasPrefix(file) == true)
            #expect(!"\(error as Any)".contains("MII"))
        }
    }

    @Test("Its description and mirror show nothing")
    func secrecy() throws {
        let identity = try ClientIdentity(
            certificatePEM: IdentityFixtures.certificatePEM, keyPEM: Secret(IdentityFixtures.keyPEM))
        var text = "\(identity)"
        dump(identity, to: &text)
        #expect(!text.contains("PRIVATE") && !text.contains("MII") && identity.customMirror.children.isEmpty)
    }
}
