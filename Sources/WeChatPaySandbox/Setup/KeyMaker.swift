import Crypto
import CryptoExtras
import Foundation
import PaymentPrimitives
import SwiftASN1
import X509

/// Makes keys and certificates of the form that WeChat Pay hands out, by an authority that lives as long as this value.
struct KeyMaker {
    private let authority: Certificate.PrivateKey
    private let random: any RandomSource
    private let now: Timestamp

    init(random: any RandomSource, now: Timestamp) throws {
        authority = Certificate.PrivateKey(try _RSA.Signing.PrivateKey(keySize: .bits2048))
        self.random = random
        self.now = now
    }

    /// A fresh RSA-2048 private key, PKCS#8 PEM.
    static func privateKeyPEM() throws -> String {
        try _RSA.Signing.PrivateKey(keySize: .bits2048).pkcs8PEMRepresentation + "\n"
    }

    /// A certificate for the key in `privateKeyPEM`, valid for five years from now, with a serial of 40 characters.
    func certificatePEM(for privateKeyPEM: String, commonName: String, organization: String) throws -> String {
        let key = try _RSA.Signing.PrivateKey(pemRepresentation: privateKeyPEM)
        // The first byte keeps the number positive and its text 40 characters long.
        var serial = random.bytes(20)
        serial[0] = serial[0] & 0x3F | 0x40
        let start = Date(timeIntervalSince1970: TimeInterval(now.seconds))
        let certificate = try Certificate(
            version: .v3, serialNumber: .init(bytes: serial), publicKey: .init(key.publicKey), notValidBefore: start,
            notValidAfter: start.addingTimeInterval(5 * 365 * 86_400),
            issuer: DistinguishedName {
                CountryName("CN")
                OrganizationName("Tenpay.com")
                OrganizationalUnitName("Sandbox, not a real authority")
                CommonName("Tenpay.com Root CA")
            },
            subject: DistinguishedName {
                CountryName("CN")
                OrganizationName(organization)
                CommonName(commonName)
            },
            signatureAlgorithm: .sha256WithRSAEncryption,
            extensions: Certificate.Extensions {
                BasicConstraints.notCertificateAuthority
                Critical(KeyUsage(digitalSignature: true, keyEncipherment: true))
            }, issuerPrivateKey: authority)
        return try certificate.serializeAsPEM().pemString + "\n"
    }
}
