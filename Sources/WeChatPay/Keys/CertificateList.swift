/// The answer of `GET /v3/certificates`, still encrypted.
struct CertificateList: Decodable {
    struct Entry: Decodable {
        let serialNo: String
        let certificate: EncryptedResource

        enum CodingKeys: String, CodingKey {
            case serialNo = "serial_no"
            case certificate = "encrypt_certificate"
        }
    }

    let data: [Entry]

    /// Opens every certificate that is encrypted with AES.
    ///
    /// - Throws: `decryptionFailed`, `invalidKey`; `malformed` when a certificate has another serial than its entry, or
    ///   there is none.
    func certificates(key: Secret) throws(WeChatPayError) -> [PlatformCertificate] {
        var certificates: [PlatformCertificate] = []
        // Others are SM2 certificates, which nobody asked for.
        for entry in data where entry.certificate.isAES {
            let certificate = try PlatformCertificate(
                pem: String(decoding: entry.certificate.open(key: key), as: UTF8.self))
            guard PlatformKeys.normal(certificate.serialNo) == PlatformKeys.normal(entry.serialNo) else {
                throw WeChatPayError(.malformed, "/v3/certificates: serial_no is not the certificate's serial")
            }
            certificates.append(certificate)
        }
        guard !certificates.isEmpty else { throw WeChatPayError(.malformed, "/v3/certificates: no RSA certificate") }
        return certificates
    }
}
