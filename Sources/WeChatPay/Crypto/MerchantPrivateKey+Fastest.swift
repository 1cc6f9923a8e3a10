extension MerchantPrivateKey {
    /// The fastest signer there is for a key: the system's OpenSSL where the package was built with the trait
    /// `OpenSSLSigning`, and otherwise a ``MerchantPrivateKey``. Both give the same bytes.
    ///
    /// - Throws: ``WeChatPayError`` with code ``WeChatPayError/Code/invalidKey``.
    package static func fastestSigner(pem: String) throws(WeChatPayError) -> any RSASigner & RSADecrypter {
        #if OpenSSLSigning && canImport(COpenSSL)
            return try OpenSSLPrivateKey(pem: pem)
        #else
            return try MerchantPrivateKey(pem: pem)
        #endif
    }
}
