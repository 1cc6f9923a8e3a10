import Foundation
import HTTPTypes
import PaymentPrimitives
import SwiftASN1
import WeChatPay
import X509

/// Whether WeChat Pay would accept the signature of a request, and if not, what was probably signed instead.
///
/// It looks as the sandbox does, follows 《签名生成》, and needs neither a network nor a running sandbox.
public struct SignatureExplanation: Sendable {
    /// Who should have signed.
    public enum Signer: Sendable {
        /// The merchant's API certificate, PEM (`apiclient_cert.pem`); its serial is compared too.
        case certificate(pem: String)
        /// The merchant's API private key, PEM (`apiclient_key.pem`); its public half is used.
        case privateKey(pem: String)
        /// A merchant of a sandbox, by the number in `Authorization`; foreign keys are recognised.
        case merchant(of: SandboxSetup)
    }

    /// Whether the signature holds. The time is no part of it: see ``age``.
    public let isValid: Bool
    /// The bytes that must be signed: five lines, each ended by a newline; of an upload the last is its part `meta`.
    /// Empty when `Authorization`, or an upload's form, cannot be read.
    public let message: [UInt8]
    /// What is wrong; `nil` when the signature holds.
    public let cause: SignatureCause?
    /// How long ago the request says it was signed, in seconds; negative when it lies in the future, `nil` when it does
    /// not say. WeChat refuses what is more than 300 seconds away.
    public let age: Int64?

    /// Explains one request.
    ///
    /// - Parameters:
    ///   - request: method, path with query as sent, `Authorization`, and the body's exact bytes; of an upload also
    ///     `Content-Type`.
    ///   - signer: whose signature it should be.
    ///   - clock: for ``age``.
    /// - Throws: ``SandboxError`` with code `invalidArgument` when the certificate or key cannot be read, `invalidSetup`
    ///   when the keys of a setup do not fit each other.
    public static func explain(
        _ request: TransportRequest, signer: Signer, clock: any WallClock = SystemClock()
    ) throws -> SignatureExplanation {
        let headers = request.head.headerFields[values: .authorization]
        guard let header = headers.first, headers.count == 1, let authorization = Authorization(header) else {
            return SignatureExplanation(isValid: false, message: [], cause: .format(of: headers), age: nil)
        }
        let seconds = Int64(authorization.timestamp)
        let now = clock.now.seconds
        let body: [UInt8]
        do {
            body = try request.signedBody()
        } catch {
            return SignatureExplanation(
                isValid: false, message: [], cause: .multipartFormat(error.reason),
                age: seconds.map { now.subtractingReportingOverflow($0).partialValue })
        }
        let message = authorization.message(
            method: request.head.method.rawValue, path: request.head.path ?? "", body: body)
        let cause: SignatureCause?
        if authorization.nonce.utf8.count > 32 || (seconds ?? -1) < 0 {
            cause = .fields
        } else if let seconds, seconds >= 100_000_000_000 {
            // Seconds have that many digits in three thousand years.
            cause = .milliseconds
        } else {
            cause = try Self.cause(request, body, authorization, message, signer)
        }
        return SignatureExplanation(
            isValid: cause == nil, message: message, cause: cause,
            age: seconds.map { now.subtractingReportingOverflow($0).partialValue })
    }

    private static func cause(
        _ request: TransportRequest, _ body: [UInt8], _ authorization: Authorization, _ message: [UInt8], _ signer: Signer
    ) throws -> SignatureCause? {
        func search(_ key: RSAVerificationKey) -> SignatureCause? {
            let signature = Data(base64Encoded: authorization.signature).map(Array.init)
            if let signature, key.isValid(signature: signature, for: message) { return nil }
            return SignatureSearch(
                requestKey: key, authorization: authorization, request: request, body: body, signature: signature
            ).cause()
        }
        switch signer {
        case .certificate(let pem):
            let (key, serial) = try read(pem)
            guard authorization.serialNo == serial else {
                return authorization.serialNo.uppercased() == serial ? .serialCase : .unknownSerial(expected: serial)
            }
            return search(key)
        case .privateKey(let pem):
            guard let key = try? MerchantPrivateKey(pem: pem) else {
                throw SandboxError(
                    .invalidArgument, "the private key is not a PEM RSA key of 2048 bits or more (apiclient_key.pem)")
            }
            return search(key.publicKey)
        case .merchant(let setup):
            // The time that the request names: whether it is late is another question.
            let seconds = Int64(authorization.timestamp) ?? 0
            return try Platform(setup).authenticate(request, wire: Timestamp(milliseconds: seconds * 1000)).cause
        }
    }

    private static func read(_ pem: String) throws(SandboxError) -> (key: RSAVerificationKey, serial: String) {
        do {
            let certificate = try Certificate(pemEncoded: pem)
            var serializer = DER.Serializer()
            try certificate.publicKey.serialize(into: &serializer)
            return (try RSAVerificationKey(der: serializer.serializedBytes), certificate.serialNumberHex)
        } catch {
            throw SandboxError(.invalidArgument, "the certificate is not a PEM certificate with an RSA key (apiclient_cert.pem)")
        }
    }
}
