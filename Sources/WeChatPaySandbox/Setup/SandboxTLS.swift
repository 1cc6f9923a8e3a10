import Foundation
import NIOSSL
import PaymentPrimitives
import SwiftASN1
import X509

/// The sandbox's certificate authority, and the server certificate that it has issued.
///
/// The server certificate names `localhost`, `127.0.0.1`, `::1` and WeChat's hosts. The authority may issue for no other
/// DNS names (a name constraint), so that a machine which trusts it risks nothing for the rest of the web.
public struct SandboxTLS: Sendable {
    /// The authority's certificate, PEM: what a client must trust.
    public let authorityPEM: String
    let authorityKeyPEM: String
    let certificatePEM: String
    let privateKeyPEM: String

    /// Makes an authority and a server certificate that live in memory: for a test.
    ///
    /// - Parameters:
    ///   - random: for serial numbers. RSA keys always come from the operating system's randomness.
    ///   - clock: wire time; the authority is valid for ten years from it, the server certificate for 397 days.
    public static func make(
        random: any RandomSource = SystemRandom(), clock: any WallClock = SystemClock()
    ) throws -> SandboxTLS {
        let maker = try AuthorityMaker(random: random, now: clock.now)
        return try make(authority: maker.authority(), by: maker)
    }

    /// Loads or makes `ca.pem`, `ca_key.pem`, `server_cert.pem` and `server_key.pem` of a folder.
    ///
    /// What is there and still good is kept. The server certificate is renewed a month before it expires, and when it
    /// does not fit the authority; the authority three months before it expires, and then every client must be given the
    /// new `ca.pem`. Private keys get mode 0600, certificates 0644.
    ///
    /// - Parameters:
    ///   - path: the folder, which must be there.
    ///   - random: for serial numbers.
    ///   - clock: wire time.
    /// - Throws: ``SandboxError`` with code `invalidSetup` or `storage`, which names the file.
    public static func open(
        _ path: String, random: any RandomSource = SystemRandom(), clock: any WallClock = SystemClock()
    ) throws -> SandboxTLS {
        let folder = URL(fileURLWithPath: path, isDirectory: true)
        func file(_ name: String) -> PEMFile { PEMFile(url: folder.appendingPathComponent(name)) }
        let (authorityFile, authorityKeyFile) = (file("ca.pem"), file("ca_key.pem"))
        let (certificateFile, keyFile) = (file("server_cert.pem"), file("server_key.pem"))
        let maker = try AuthorityMaker(random: random, now: clock.now)

        var authority = try authority(authorityFile, authorityKeyFile)
        if let (certificate, _) = authority, maker.expiresSoon(try Certificate(pemEncoded: certificate), days: 90) {
            authority = nil
        }
        let kept = authority
        let pair = try kept ?? maker.authority()
        if kept == nil {
            // The key first: a certificate without its key could not be gone on with.
            try authorityKeyFile.write(pair.privateKey, isPrivate: true)
            try authorityFile.write(pair.certificate, isPrivate: false)
        }
        if let certificate = try certificateFile.read(), let key = try keyFile.read(),
            maker.isUsable(certificate, key, authority: pair.certificate)
        {
            return SandboxTLS(
                authorityPEM: pair.certificate, authorityKeyPEM: pair.privateKey, certificatePEM: certificate, privateKeyPEM: key)
        }
        let made = try make(authority: pair, by: maker)
        try keyFile.write(made.privateKeyPEM, isPrivate: true)
        try certificateFile.write(made.certificatePEM, isPrivate: false)
        return made
    }

    /// The authority that is in the folder; `nil` when neither of its files is.
    private static func authority(_ file: PEMFile, _ keyFile: PEMFile) throws -> AuthorityMaker.Pair? {
        switch (try file.read(), try keyFile.read()) {
        case (nil, nil), (nil, _?): return nil
        case (_?, nil):
            throw SandboxError(
                .invalidSetup, "\(keyFile.url.path) is missing, but \(file.url.path) is there: restore it, or remove both")
        case (let certificate?, let key?):
            guard let parsed = try? Certificate(pemEncoded: certificate),
                let parsedKey = try? Certificate.PrivateKey(pemEncoded: key),
                parsed.publicKey == parsedKey.publicKey
            else {
                throw SandboxError(
                    .invalidSetup,
                    "\(file.url.path) and \(keyFile.url.path) are not a certificate and its key: restore them, or remove both")
            }
            return (certificate, key)
        }
    }

    private static func make(authority: AuthorityMaker.Pair, by maker: AuthorityMaker) throws -> SandboxTLS {
        let server = try maker.server(issuedBy: authority)
        return SandboxTLS(
            authorityPEM: authority.certificate, authorityKeyPEM: authority.privateKey, certificatePEM: server.certificate,
            privateKeyPEM: server.privateKey)
    }

    /// What a server listens with: TLS 1.2 or newer. A client may show a certificate, or none.
    func serverConfiguration() throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(certificatePEM.utf8)).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(privateKeyPEM.utf8), format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        configuration.certificateVerification = .optionalVerification
        return configuration
    }
}

/// A PEM file that is there or not.
private struct PEMFile {
    let url: URL

    func read() throws(SandboxError) -> String? {
        guard FileManager.default.fileExists(atPath: url.path) else { return nil }
        do {
            return String(decoding: try Data(contentsOf: url), as: UTF8.self)
        } catch { throw SandboxError(.storage, "\(url.path) cannot be read: \(posixReason(error))") }
    }

    func write(_ pem: String, isPrivate: Bool) throws(SandboxError) {
        // Removed first: an old file would keep its mode.
        try? FileManager.default.removeItem(at: url)
        guard
            FileManager.default.createFile(
                atPath: url.path, contents: Data(pem.utf8), attributes: [.posixPermissions: isPrivate ? 0o600 : 0o644])
        else { throw SandboxError(.storage, "\(url.path) cannot be written") }
    }
}
