import CryptoExtras
import Foundation
import PaymentPrimitives
import SwiftASN1
import X509

/// Makes and judges the certificates with which the sandbox speaks TLS.
struct AuthorityMaker {
    /// Two PEM texts.
    typealias Pair = (certificate: String, privateKey: String)

    private static let dnsNames = ["localhost"] + WeChatHosts.all
    private static let addresses: [[UInt8]] = [[127, 0, 0, 1], [UInt8](repeating: 0, count: 15) + [1]]

    private let random: any RandomSource
    private let now: Date

    init(random: any RandomSource, now: Timestamp) throws {
        self.random = random
        self.now = Date(timeIntervalSince1970: TimeInterval(now.seconds))
    }

    func expiresSoon(_ certificate: Certificate, days: Double) -> Bool {
        certificate.notValidAfter < now.addingTimeInterval(days * 86_400) || certificate.notValidBefore > now
    }

    /// Whether a server certificate can go on being used: by this authority, for this key, for every name, and for a month.
    func isUsable(_ certificatePEM: String, _ keyPEM: String, authority: String) -> Bool {
        guard let certificate = try? Certificate(pemEncoded: certificatePEM),
            let key = try? Certificate.PrivateKey(pemEncoded: keyPEM),
            let issuer = try? Certificate(pemEncoded: authority),
            let names = try? certificate.extensions.subjectAlternativeNames
        else { return false }
        return certificate.publicKey == key.publicKey && certificate.issuer == issuer.subject
            && issuer.publicKey.isValidSignature(certificate.signature, for: certificate)
            && Set(names) == Set(Self.names) && !expiresSoon(certificate, days: 30)
    }

    /// A new authority, valid for ten years.
    func authority() throws -> Pair {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let signer = Certificate.PrivateKey(key)
        let name = try DistinguishedName {
            OrganizationName("WeChat Pay sandbox, not a real authority")
            // Its own number in the name: two authorities on one machine must not be taken for each other.
            CommonName("WeChat Pay sandbox CA \(Hex.lower(random.bytes(4)))")
        }
        let identifier = SubjectKeyIdentifier(hash: signer.publicKey)
        let certificate = try Certificate(
            version: .v3, serialNumber: serial(), publicKey: signer.publicKey, notValidBefore: start,
            notValidAfter: now.addingTimeInterval(3653 * 86_400), issuer: name, subject: name,
            signatureAlgorithm: .sha256WithRSAEncryption,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                identifier
                // Addresses cannot be constrained too: not every TLS library understands that, and then refuses all.
                Critical(NameConstraints(permittedDNSDomains: Self.dnsNames))
            }, issuerPrivateKey: signer)
        return (try certificate.serializeAsPEM().pemString + "\n", key.pkcs8PEMRepresentation + "\n")
    }

    /// A new server certificate with a new key, valid for 397 days, which is as long as clients accept.
    func server(issuedBy authority: Pair) throws -> Pair {
        let issuer = try Certificate(pemEncoded: authority.certificate)
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let publicKey = Certificate.PublicKey(key.publicKey)
        let certificate = try Certificate(
            version: .v3, serialNumber: serial(), publicKey: publicKey, notValidBefore: start,
            notValidAfter: min(now.addingTimeInterval(397 * 86_400), issuer.notValidAfter), issuer: issuer.subject,
            subject: try DistinguishedName {
                OrganizationName("WeChat Pay sandbox")
                CommonName("localhost")
            }, signatureAlgorithm: .sha256WithRSAEncryption,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true, keyEncipherment: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(Self.names)
                SubjectKeyIdentifier(hash: publicKey)
                AuthorityKeyIdentifier(keyIdentifier: try issuer.extensions.subjectKeyIdentifier?.keyIdentifier)
            }, issuerPrivateKey: Certificate.PrivateKey(pemEncoded: authority.privateKey))
        return (try certificate.serializeAsPEM().pemString + "\n", key.pkcs8PEMRepresentation + "\n")
    }

    private static var names: [GeneralName] {
        dnsNames.map { .dnsName($0) } + addresses.map { .ipAddress(ASN1OctetString(contentBytes: $0[...])) }
    }

    /// An hour ago: the clocks of a container and its host are seldom quite the same.
    private var start: Date { now.addingTimeInterval(-3600) }

    private func serial() -> Certificate.SerialNumber {
        var bytes = random.bytes(20)
        bytes[0] = bytes[0] & 0x3F | 0x40
        return Certificate.SerialNumber(bytes: bytes)
    }
}
