import PaymentPrimitives
import Synchronization
import WeChatPay

/// The keys with which the sandbox signs for a merchant at present.
public struct SandboxKeys: Sendable, Equatable {
    /// The merchant number.
    public let mchid: String
    /// Which kind of key signs.
    public let keyMode: SandboxMerchant.KeyMode
    /// The id of the WeChat Pay public key.
    public let publicKeyID: String
    /// While migrating, the share of notifications that the public key signs, 0 to 1.
    public let publicKeyShare: Double
    /// The platform certificates that `/v3/certificates` lists, the oldest first.
    public let certificates: [Certificate]

    /// A platform certificate.
    public struct Certificate: Sendable, Equatable {
        /// Its serial, as in `Wechatpay-Serial`.
        public let serialNo: String
        /// The share of what certificates sign that this one signs, 0 to 1.
        public let share: Double
        /// The certificate, PEM.
        public let pem: String
        /// Until when it is valid.
        public let expireTime: Timestamp
    }

    /// What a merchant's keys are changed to.
    public enum Target: String, Sendable, CaseIterable {
        /// Another platform certificate.
        case certificate
        /// The WeChat Pay public key.
        case publicKey = "public_key"
    }
}

extension Sandbox {
    /// Which keys sign for a merchant.
    ///
    /// - Throws: ``SandboxError`` with code `notFound`.
    public func keys(mchid: String) throws -> SandboxKeys {
        try shared.withLock { try $0.engine.keys(mchid) }
    }

    /// Changes the keys that sign for a merchant, by share: for a client that must live through such a change.
    ///
    /// - Parameters:
    ///   - mchid: the merchant.
    ///   - target: `certificate`: a new platform certificate, valid for five years from now. `/v3/certificates` lists the
    ///     old and the new one, and both sign until the share is 1. A further call before that changes the share only; one
    ///     after it makes the next certificate. `publicKey`: the WeChat Pay public key signs the share of the
    ///     notifications, and every answer to a request that names it; with share 1 it signs all, and `/v3/certificates`
    ///     is 404.
    ///   - share: 0 to 1; of two possible signers chance chooses, by the sandbox's random source.
    /// - Throws: ``SandboxError`` with code `notFound`, `invalidArgument` or `storage`.
    @discardableResult
    public func rotateKeys(mchid: String, to target: SandboxKeys.Target, share: Double) throws -> SandboxKeys {
        guard (0...1).contains(share) else { throw SandboxError(.invalidArgument, "share must be a number from 0 to 1") }
        // Made before the lock is taken, for it takes long; when another call was faster it is not used.
        var fresh: KeyRing.Held?
        if target == .certificate {
            let key = try KeyMaker.privateKeyPEM()
            let maker = try KeyMaker(random: random, now: clock.now)
            let pem = try maker.certificatePEM(for: key, commonName: "Tenpay.com sign", organization: "Tenpay.com")
            fresh = try KeyRing.Held(pem: pem, privateKeyPEM: key)
        }
        return try update { engine, _ in
            guard var ring = engine.rings[mchid] else { throw SandboxError(.notFound, "there is no merchant \(mchid)") }
            if let fresh { try ring.rotateCertificate(share, fresh: fresh) } else { ring.switchToPublicKey(share) }
            engine.rings[mchid] = ring
            engine.state.keys[mchid] = ring.stored
            engine.isChanged = true
            return try engine.keys(mchid)
        }
    }
}

extension Engine {
    fileprivate func keys(_ mchid: String) throws(SandboxError) -> SandboxKeys {
        guard let ring = rings[mchid] else { throw SandboxError(.notFound, "there is no merchant \(mchid)") }
        let count = ring.certificates.count
        return SandboxKeys(
            mchid: mchid, keyMode: ring.mode, publicKeyID: ring.publicKey.serial, publicKeyShare: ring.publicKeyShare,
            certificates: ring.certificates.enumerated().map { index, held in
                .init(
                    serialNo: held.certificate.serialNo,
                    share: count == 1 ? 1 : index == count - 1 ? ring.certificateShare : 1 - ring.certificateShare,
                    pem: held.pem, expireTime: held.certificate.expireTime)
            })
    }
}
