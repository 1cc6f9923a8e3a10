import PaymentPrimitives
import WeChatPay
import WeChatPayV2

extension Configuration.V3Keys {
    init(_ section: ConfigurationSection<Configuration.MerchantEntry.Key>) {
        serialNo = section.required(.serialNo, .serialNo) ?? ""
        privateKeyPEM =
            section.secret(.privateKeyFile, .privateKeyVariable) { key throws(ConfigurationComplaint) in
                guard (try? key.withBytes { try MerchantPrivateKey(pem: String(decoding: $0, as: UTF8.self)) }) != nil else {
                    throw ConfigurationComplaint("is not a PEM RSA private key of 2048 bits or more (apiclient_key.pem)")
                }
            } ?? Secret("")
        apiV3Key =
            section.secret(.apiV3KeyFile, .apiV3KeyVariable) { key throws(ConfigurationComplaint) in
                guard key.count == 32 else { throw ConfigurationComplaint("must hold 32 bytes, not \(key.count)") }
            } ?? Secret("")
        publicKeyID = section.optional(.publicKeyID, .publicKeyID)
        publicKeyPEM = section.contents(.publicKeyFile) { path, _ throws(ConfigurationComplaint) in
            let pem = String(
                decoding: try section.loader.readTrustedFile(path, limit: ConfigurationLoader.keyFileLimit), as: UTF8.self)
            guard (try? RSAVerificationKey(pem: pem)) != nil else {
                throw ConfigurationComplaint("is not a PEM RSA public key of 2048 bits or more (pub_key.pem)")
            }
            return pem
        }
        if section.has(.publicKeyID) != section.has(.publicKeyFile) {
            typealias Key = Configuration.MerchantEntry.Key
            let (there, missing) =
                section.has(.publicKeyID) ? (Key.publicKeyID, Key.publicKeyFile) : (.publicKeyFile, .publicKeyID)
            section.loader.report("\(section.name(missing)) is missing: \(there.rawValue) needs it", at: section.place)
        }
    }
}

extension Configuration.V2Keys {
    init(_ section: ConfigurationSection<Configuration.MerchantEntry.Key>, mchid: String) {
        apiKey =
            section.secret(.apiV2KeyFile, .apiV2KeyVariable) { key throws(ConfigurationComplaint) in
                guard key.count == 32 else { throw ConfigurationComplaint("must hold 32 bytes, not \(key.count)") }
            } ?? Secret("")
        signType = section.optional(.v2SignType, .choice()) ?? .md5
        clientCertificate = section.contents(.clientCertificateFile) { path, warn throws(ConfigurationComplaint) in
            let file = try section.loader.readKeyBytes(path, warn: warn)
            do {
                _ = try ClientIdentity(file: file, mchid: mchid)
            } catch {
                throw ConfigurationComplaint(
                    "is neither an apiclient_cert.p12 with the merchant number as its password "
                        + "nor a PEM with the certificate and its key")
            }
            return Secret(file)
        }
    }
}

extension ClientIdentity {
    /// Out of what a file holds: PKCS#12, whose password is the merchant number, or PEM with the certificate and its key.
    init(file: [UInt8], mchid: String) throws(WeChatPayError) {
        if file.first == 0x30 {
            try self.init(pkcs12: file, password: Secret(mchid))
        } else {
            try self.init(certificatePEM: String(decoding: file, as: UTF8.self), keyPEM: Secret(file))
        }
    }
}
