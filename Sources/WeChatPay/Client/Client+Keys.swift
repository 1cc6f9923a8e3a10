import HTTPTypes

extension Client {
    /// The platform certificates that are valid now, for another client of the same merchant number.
    package var platformCertificates: [PlatformCertificate] { keys.certificates(at: clock.now) }

    /// Verifies an answer or a notification over its raw bytes. A serial that is not in the ring leads to one download,
    /// if the last one began a minute ago or more.
    func verify(_ fields: HTTPFields, _ body: [UInt8]) async throws(WeChatPayError) {
        let signature = try WireSignature(fields)
        try signature.checkFreshness(at: clock.now)
        if let key = keys.key(signature.serial, at: clock.now) { return try signature.check(body, with: key) }
        var failure: WeChatPayError?
        // Public keys cannot be downloaded.
        if !signature.serial.hasPrefix(WeChatPayPublicKey.prefix) {
            do throws(WeChatPayError) {
                try await keys.flight.run { () throws(WeChatPayError) in
                    if keys.mayAsk(at: clock.now) { try await download() }
                }
            } catch {
                failure = error
            }
        }
        guard let key = keys.key(signature.serial, at: clock.now) else {
            throw WeChatPayError(
                .unknownPlatformKey, "Wechatpay-Serial: \(signature.serial) is unknown or has expired", underlying: failure)
        }
        try signature.check(body, with: key)
    }

    func refreshKeys() async throws(WeChatPayError) {
        try await keys.flight.run { () throws(WeChatPayError) in try await download() }
    }

    func refreshKeysIfDue() async throws(WeChatPayError) {
        let interval = options.certificateRefreshInterval
        guard keys.isDue(at: clock.now, interval: interval) else { return }
        // Who has a key need not wait for somebody else's download.
        if keys.flight.isFlying, !keys.isEmpty(at: clock.now) { return }
        try await keys.flight.run { () throws(WeChatPayError) in
            if keys.isDue(at: clock.now, interval: interval) { try await download() }
        }
    }

    /// `GET /v3/certificates`. The answer is verified with a known key or with a certificate out of itself: only WeChat
    /// and the merchant have the API v3 key that opened it.
    private func download() async throws(WeChatPayError) {
        keys.noteAttempt(at: clock.now)
        var certificates: [PlatformCertificate] = []
        do throws(WeChatPayError) {
            _ = try await repeating(Call(method: .get, path: "/v3/certificates", body: [], isIdempotent: true)) {
                raw throws(WeChatPayError) in
                let signature = try WireSignature(raw.fields)
                try signature.checkFreshness(at: clock.now)
                if raw.status == 200 {
                    certificates = try decodeStrictly(CertificateList.self, raw.body, "/v3/certificates").get()
                        .certificates(key: merchant.apiV3Key)
                }
                let now = clock.now
                let fresh = certificates.first {
                    PlatformKeys.normal($0.serialNo) == PlatformKeys.normal(signature.serial)
                        && PlatformKeys.isUsable($0, at: now)
                }
                guard let key = fresh?.key ?? keys.key(signature.serial, at: now) else {
                    throw WeChatPayError(
                        .unknownPlatformKey, "/v3/certificates is signed with an unknown key, \(signature.serial)")
                }
                try signature.check(raw.body, with: key)
            }
        } catch {
            guard error.code == .refused, error.wechatCode?.canonical == .resourceNotExists, keys.hasPublicKeys else {
                throw error
            }
        }
        keys.install(certificates, at: clock.now)
    }
}
