import Synchronization

/// The key ring: the platform certificates and public keys that WeChat may sign with, and when to ask for new ones.
///
/// Shared by all copies of a ``Client``. It does no I/O; ``Client`` downloads and hands the result in. Certificates are
/// only ever added; one leaves when it has expired, so that a failed or incomplete download takes nothing away.
final class PlatformKeys: Sendable {
    private struct State {
        var certificates: [String: PlatformCertificate]
        var refreshed: Timestamp
        var attempted: Timestamp?
    }

    /// An unknown serial, and a failure, lead to at most one download in this time.
    static let pause: Duration = .seconds(60)
    /// The newest certificate is replaced from this long before its end.
    static let foresight: Duration = .seconds(10 * 86_400)
    /// How often a newer certificate is looked for during that time.
    static let foresightInterval: Duration = .seconds(3600)
    /// A certificate holds from this long before its first moment: WeChat's clock and ours may differ that much.
    static let clockTolerance: Duration = .seconds(300)

    /// One download at a time.
    let flight = SingleFlight()
    /// What requests ask to be answered with.
    let preferredPublicKeyID: String?

    private let publicKeys: [String: RSAVerificationKey]
    private let state: Mutex<State>

    init(publicKeys: [WeChatPayPublicKey], certificates: [PlatformCertificate], now: Timestamp) {
        preferredPublicKeyID = publicKeys.last?.id
        self.publicKeys = Dictionary(publicKeys.map { ($0.id, $0.key) }) { $1 }
        state = Mutex(
            State(certificates: Dictionary(certificates.map { (Self.normal($0.serialNo), $0) }) { $1 }, refreshed: now))
    }

    /// WeChat writes serials in capitals and pads them with zeros to 40 digits.
    static func normal(_ serial: String) -> String {
        String(serial.uppercased().drop { $0 == "0" })
    }

    static func isUsable(_ certificate: PlatformCertificate, at now: Timestamp) -> Bool {
        now.advanced(by: clockTolerance) >= certificate.effectiveTime && now <= certificate.expireTime
    }

    /// The key of that serial or id; `nil` when it is unknown, has expired or is not valid yet.
    func key(_ serial: String, at now: Timestamp) -> RSAVerificationKey? {
        if let key = publicKeys[serial] { return key }
        guard let certificate = state.withLock({ $0.certificates[Self.normal(serial)] }),
            Self.isUsable(certificate, at: now)
        else { return nil }
        return certificate.key
    }

    /// The key to encrypt with, and its serial or id: the preferred public key, or else the certificate that holds longest.
    func encryptionKey(at now: Timestamp) -> (serial: String, key: RSAVerificationKey)? {
        if let id = preferredPublicKeyID, let key = publicKeys[id] { return (id, key) }
        let newest = state.withLock { state in
            state.certificates.values.filter { Self.isUsable($0, at: now) && $0.effectiveTime <= now }
                .max { $0.expireTime < $1.expireTime }
        }
        return newest.map { ($0.serialNo, $0.key) }
    }

    /// Serials of the valid certificates, and ids of the public keys, sorted.
    func known(at now: Timestamp) -> [String] {
        (certificates(at: now).map(\.serialNo) + publicKeys.keys).sorted()
    }

    /// The valid certificates.
    func certificates(at now: Timestamp) -> [PlatformCertificate] {
        state.withLock { $0.certificates.values.filter { Self.isUsable($0, at: now) } }
    }

    var hasPublicKeys: Bool { !publicKeys.isEmpty }

    /// Whether nothing could be verified now.
    func isEmpty(at now: Timestamp) -> Bool {
        publicKeys.isEmpty && state.withLock { !$0.certificates.values.contains { Self.isUsable($0, at: now) } }
    }

    /// Whether the certificates should be downloaded before the next request.
    ///
    /// A ring of public keys alone is complete: certificates are then asked for only when something is signed with one.
    func isDue(at now: Timestamp, interval: Duration) -> Bool {
        if isEmpty(at: now) { return true }
        guard mayAsk(at: now) else { return false }
        return state.withLock { state in
            guard let newest = state.certificates.values.map(\.expireTime).max() else { return false }
            let age = now.since(state.refreshed)
            if newest <= now.advanced(by: Self.foresight) {
                return age >= min(interval, Self.foresightInterval) || state.attempted == nil
            }
            return age >= interval
        }
    }

    /// Whether the last download began long enough ago.
    func mayAsk(at now: Timestamp) -> Bool {
        // A clock that was set back must not lock the ring for as long as it went back.
        state.withLock { state in
            guard let attempted = state.attempted else { return true }
            return now < attempted || now.since(attempted) >= Self.pause
        }
    }

    /// A download begins.
    func noteAttempt(at now: Timestamp) {
        state.withLock { $0.attempted = now }
    }

    /// A download has succeeded; `certificates` is empty when WeChat has none for this merchant.
    func install(_ certificates: [PlatformCertificate], at now: Timestamp) {
        state.withLock { state in
            state.certificates = state.certificates.filter { $0.value.expireTime >= now }
            for certificate in certificates { state.certificates[Self.normal(certificate.serialNo)] = certificate }
            state.refreshed = now
        }
    }
}
