#if OpenSSLSigning && canImport(COpenSSL)
    import COpenSSL

    /// A merchant's API private key that signs with the system's OpenSSL: the same bytes as ``MerchantPrivateKey``, in
    /// about half the time, since OpenSSL 3 uses wider vector instructions.
    ///
    /// There is with the package trait `OpenSSLSigning`, on Linux. Its description never shows the key.
    public final class OpenSSLPrivateKey: RSASigner, RSADecrypter, CustomStringConvertible, CustomReflectable {
        // Never changed after `init`; OpenSSL counts references with atomics, and each operation has a context of its own.
        private nonisolated(unsafe) let key: OpaquePointer

        /// Reads a PEM text, PKCS#8 (`BEGIN PRIVATE KEY`) or PKCS#1 (`BEGIN RSA PRIVATE KEY`), of at least 2048 bits.
        ///
        /// - Throws: ``WeChatPayError`` with code ``WeChatPayError/Code/invalidKey``.
        public init(pem: String) throws(WeChatPayError) {
            let bytes = Array(pem.utf8)
            let parsed = bytes.withUnsafeBytes { buffer -> OpaquePointer? in
                guard let source = BIO_new_mem_buf(buffer.baseAddress, Int32(clamping: buffer.count)) else { return nil }
                defer { BIO_free(source) }
                // A key with a passphrase must not make OpenSSL ask on the terminal.
                return PEM_read_bio_PrivateKey(source, nil, { _, _, _, _ in 0 }, nil)
            }
            ERR_clear_error()
            guard let parsed else { throw Self.unreadable }
            guard EVP_PKEY_get_base_id(parsed) == EVP_PKEY_RSA, EVP_PKEY_get_bits(parsed) >= 2048 else {
                EVP_PKEY_free(parsed)
                throw Self.unreadable
            }
            key = parsed
        }

        deinit { EVP_PKEY_free(key) }

        private static var unreadable: WeChatPayError {
            WeChatPayError(
                .invalidKey, "the merchant's private key is not a PEM RSA key of 2048 bits or more (apiclient_key.pem)")
        }

        public func signature(for message: [UInt8]) throws -> [UInt8] {
            guard let context = EVP_MD_CTX_new() else { throw Self.failed("sign") }
            defer { EVP_MD_CTX_free(context) }
            guard EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key) == 1 else { throw Self.failed("sign") }
            var count = Int(EVP_PKEY_get_size(key))
            var isSigned = false
            let signature = [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
                isSigned = EVP_DigestSign(context, buffer.baseAddress, &count, message, message.count) == 1
                written = isSigned ? count : 0
            }
            guard isSigned else { throw Self.failed("sign") }
            return signature
        }

        public func decrypt(_ ciphertext: [UInt8]) throws -> [UInt8] {
            guard let context = EVP_PKEY_CTX_new(key, nil) else { throw Self.failed("decrypt") }
            defer { EVP_PKEY_CTX_free(context) }
            // OAEP means SHA-1 and MGF1-SHA1 where nothing else is said.
            guard EVP_PKEY_decrypt_init(context) == 1, EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 else {
                throw Self.failed("decrypt")
            }
            var count = Int(EVP_PKEY_get_size(key))
            var isOpen = false
            let plaintext = [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
                isOpen = EVP_PKEY_decrypt(context, buffer.baseAddress, &count, ciphertext, ciphertext.count) == 1
                written = isOpen ? count : 0
            }
            guard isOpen else { throw Self.failed("decrypt") }
            return plaintext
        }

        private static func failed(_ what: String) -> WeChatPayError {
            // What OpenSSL says stays in the thread's queue and would be taken for the next operation's.
            ERR_clear_error()
            return WeChatPayError(what == "sign" ? .invalidKey : .decryptionFailed, "OpenSSL could not \(what)")
        }

        public var description: String { "OpenSSLPrivateKey(***)" }
        public var customMirror: Mirror { Mirror(self, children: []) }
    }
#endif
