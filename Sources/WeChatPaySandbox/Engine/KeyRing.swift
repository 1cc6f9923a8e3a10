import PaymentPrimitives
import WeChatPay

/// The keys with which WeChat signs for one merchant, and which of them when. Follows 《平台证书更换》 and 《微信支付公钥切换》.
struct KeyRing: Sendable {
    /// What signs, and how `Wechatpay-Serial` names it.
    struct Key: Sendable {
        let serial: String
        let signer: MerchantPrivateKey
    }

    /// A platform certificate that `/v3/certificates` lists.
    struct Held: Sendable {
        let pem: String
        let privateKeyPEM: String
        let certificate: PlatformCertificate
        let signer: MerchantPrivateKey

        init(pem: String, privateKeyPEM: String) throws {
            self.pem = pem
            self.privateKeyPEM = privateKeyPEM
            certificate = try PlatformCertificate(pem: pem)
            signer = try MerchantPrivateKey(pem: privateKeyPEM)
        }

        var key: Key { Key(serial: certificate.serialNo, signer: signer) }
    }

    /// How a ring is kept between two starts.
    struct Stored: Codable, Sendable {
        struct Pair: Codable, Sendable {
            let certificate: String
            let privateKey: String
        }

        let mode: String
        let publicKeyShare: Double
        let certificateShare: Double
        let certificates: [Pair]
    }

    let publicKey: Key
    private(set) var mode: SandboxMerchant.KeyMode
    /// While migrating, the share of notifications that the public key signs.
    private(set) var publicKeyShare: Double
    /// The old one and, once one was made, the new one.
    private(set) var certificates: [Held]
    /// The share of answers and notifications that the newest certificate signs, of those that a certificate signs.
    private(set) var certificateShare: Double

    /// The ring that was stored, or the one of the setup.
    init(_ account: Platform.Account, _ stored: Stored?) throws(SandboxError) {
        let merchant = account.merchant
        publicKey = Key(serial: merchant.publicKeyID, signer: account.publicKeySigner)
        do {
            mode = stored.flatMap { SandboxMerchant.KeyMode(rawValue: $0.mode) } ?? merchant.keyMode
            publicKeyShare = stored?.publicKeyShare ?? (merchant.keyMode == .publicKey ? 1 : 0)
            certificateShare = stored?.certificateShare ?? 1
            certificates =
                try stored?.certificates.map { try Held(pem: $0.certificate, privateKeyPEM: $0.privateKey) }
                ?? [Held(pem: merchant.platformCertificatePEM, privateKeyPEM: merchant.platformPrivateKeyPEM)]
        } catch {
            throw SandboxError(.invalidState, "merchant \(merchant.mchid): the stored platform keys cannot be read: \(error)")
        }
    }

    var stored: Stored {
        Stored(
            mode: mode.rawValue, publicKeyShare: publicKeyShare, certificateShare: certificateShare,
            certificates: certificates.map { .init(certificate: $0.pem, privateKey: $0.privateKeyPEM) })
    }

    /// Whether a request may name this key in `Wechatpay-Serial`.
    func knows(_ serial: String) -> Bool {
        serial == publicKey.serial || certificates.contains { $0.certificate.serialNo == serial }
    }

    /// What signs the answer to a request that names a key, or none.
    func answerKey(askedFor serial: String?, _ random: any RandomSource) -> Key {
        switch mode {
        case .publicKey: return publicKey
        case .migrating where serial == publicKey.serial: return publicKey
        case .migrating, .certificate: return certificateKey(random)
        }
    }

    /// What signs a notification: nobody has asked, so while migrating chance decides.
    func notificationKey(_ random: any RandomSource) -> Key {
        switch mode {
        case .publicKey: publicKey
        case .migrating: random.happens(publicKeyShare) ? publicKey : certificateKey(random)
        case .certificate: certificateKey(random)
        }
    }

    private func certificateKey(_ random: any RandomSource) -> Key {
        guard let oldest = certificates.first, let newest = certificates.last else { return publicKey }
        guard certificates.count > 1 else { return newest.key }
        return random.happens(certificateShare) ? newest.key : oldest.key
    }

    /// Takes a new certificate into use for a share of what is signed. While one is being taken into use already, only
    /// its share changes.
    ///
    /// - Returns: whether `fresh` was taken.
    @discardableResult
    mutating func rotateCertificate(_ share: Double, fresh: Held) throws(SandboxError) -> Bool {
        guard mode != .publicKey else {
            throw SandboxError(.invalidArgument, "the merchant has the public key alone: there is no certificate to rotate")
        }
        defer { certificateShare = share }
        if certificates.count > 1, certificateShare < 1 { return false }
        certificates = [certificates.last, fresh].compactMap { $0 }
        return true
    }

    /// Has the public key sign a share of the notifications, and the answers to those who ask for it; with 1 the switch
    /// is done.
    mutating func switchToPublicKey(_ share: Double) {
        publicKeyShare = share
        mode = share >= 1 ? .publicKey : .migrating
    }
}

extension RandomSource {
    /// Whether something of this probability happens; of what is certain no chance is asked.
    func happens(_ probability: Double) -> Bool {
        if probability <= 0 { return false }
        if probability >= 1 { return true }
        // 53 bits, as many as a Double keeps.
        let number = bytes(7).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 3
        return Double(number) < probability * 0x1p53
    }
}
