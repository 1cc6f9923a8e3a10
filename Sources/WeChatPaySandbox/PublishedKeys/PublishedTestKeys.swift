/// The fixed keys of one merchant of ``SandboxSetup/standard``. They are published, so they protect nothing.
struct PublishedTestKeys {
    let serialNo: String
    let privateKeyPEM: String
    let certificatePEM: String
    let platformSerial: String
    let platformPrivateKeyPEM: String
    let platformCertificatePEM: String
    let publicKeyPrivatePEM: String
}
