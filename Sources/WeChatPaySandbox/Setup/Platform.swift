import Foundation
import PaymentPrimitives
import SwiftASN1
import WeChatPay
import X509

/// The setup with its keys parsed: what WeChat knows and never changes by itself.
struct Platform: Sendable {
    struct Account: Sendable {
        let merchant: SandboxMerchant
        /// Checks the merchant's requests.
        let requestKey: RSAVerificationKey
        let certificateSigner: MerchantPrivateKey
        let publicKeySigner: MerchantPrivateKey
        /// The public halves of WeChat's own keys, to recognise a request that was signed with one of them.
        let platformKeys: [RSAVerificationKey]
        let certificate: PlatformCertificate
    }

    let setup: SandboxSetup
    let accounts: [String: Account]

    init(_ setup: SandboxSetup) throws(SandboxError) {
        var accounts: [String: Account] = [:]
        for merchant in setup.merchants {
            guard accounts[merchant.mchid] == nil else {
                throw SandboxError(.invalidSetup, "merchant \(merchant.mchid) stands twice")
            }
            accounts[merchant.mchid] = try Account(merchant)
        }
        let users = setup.users.map(\.openid)
        guard Set(users).count == users.count else { throw SandboxError(.invalidSetup, "a user's openid stands twice") }
        self.setup = setup
        self.accounts = accounts
    }

    func user(_ openid: String) -> SandboxUser? { setup.users.first { $0.openid == openid } }

    func merchant(appid: String) -> SandboxMerchant? { setup.merchants.first { $0.appid == appid } }

    /// Whether any app, a sub-merchant's too, has this id.
    func knows(appid: String) -> Bool {
        setup.merchants.contains { $0.appid == appid || $0.subMerchants.contains { $0.subAppid == appid } }
    }
}

extension Platform.Account {
    fileprivate init(_ merchant: SandboxMerchant) throws(SandboxError) {
        func wrong(_ field: String, _ reason: String) -> SandboxError {
            SandboxError(.invalidSetup, "merchant \(merchant.mchid): \(field) \(reason)")
        }
        // Empty: read beside a sandbox of an earlier version, which has none.
        guard merchant.apiV2Key.count == 32 || merchant.apiV2Key.count == 0 else {
            throw wrong("api_v2_key", "must have 32 bytes")
        }
        guard merchant.apiV3Key.count == 32 else { throw wrong("api_v3_key", "must have 32 bytes") }
        func key(_ pem: String, _ field: String) throws(SandboxError) -> MerchantPrivateKey {
            do { return try MerchantPrivateKey(pem: pem) } catch { throw wrong(field, "is not a PEM RSA private key") }
        }
        self.merchant = merchant
        certificateSigner = try key(merchant.platformPrivateKeyPEM, "platform_private_key")
        publicKeySigner = try key(merchant.publicKeyPrivatePEM, "public_key_private")
        platformKeys = [certificateSigner.publicKey, publicKeySigner.publicKey]
        guard merchant.publicKeyPEM.filter({ !$0.isWhitespace }) == publicKeySigner.publicKeyPEM.filter({ !$0.isWhitespace })
        else { throw wrong("public_key", "does not belong to public_key_private") }
        do {
            certificate = try PlatformCertificate(pem: merchant.platformCertificatePEM)
        } catch { throw wrong("platform_certificate", "is not a PEM certificate with an RSA key") }
        func publicKey(_ pem: String, serial: String, _ names: (String, String)) throws(SandboxError) -> RSAVerificationKey {
            do {
                let parsed = try Certificate(pemEncoded: pem)
                var serializer = DER.Serializer()
                try parsed.publicKey.serialize(into: &serializer)
                let key = try RSAVerificationKey(der: serializer.serializedBytes)
                guard parsed.serialNumberHex == serial else {
                    throw wrong(names.1, "is not the serial of \(names.0), \(parsed.serialNumberHex)")
                }
                return key
            } catch let error as SandboxError {
                throw error
            } catch { throw wrong(names.0, "is not a PEM certificate with an RSA key") }
        }
        func belongs(_ signer: MerchantPrivateKey, to key: RSAVerificationKey) -> Bool {
            (try? signer.signature(for: [1])).map { key.isValid(signature: $0, for: [1]) } ?? false
        }
        requestKey = try publicKey(merchant.certificatePEM, serial: merchant.serialNo, ("certificate", "serial_no"))
        guard belongs(try key(merchant.privateKeyPEM, "private_key"), to: requestKey) else {
            throw wrong("private_key", "does not belong to certificate")
        }
        let platformKey = try publicKey(
            merchant.platformCertificatePEM, serial: merchant.platformSerial, ("platform_certificate", "platform_serial"))
        guard belongs(certificateSigner, to: platformKey) else {
            throw wrong("platform_private_key", "does not belong to platform_certificate")
        }
    }
}
