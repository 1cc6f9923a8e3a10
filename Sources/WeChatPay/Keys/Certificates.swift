/// The keys with which WeChat signs: `client.certificates`.
///
/// A ``Client`` keeps them fresh by itself; a server may also call ``refreshIfDue()`` from a timer, so that no request
/// has to wait for a download.
public struct Certificates: Sendable {
    let client: Client

    /// Downloads the platform certificates now (`GET /v3/certificates`, 《下载平台证书》). Old ones stay until they
    /// expire; when the download fails, nothing changes.
    ///
    /// A merchant that has public keys only is told so by WeChat (404 `RESOURCE_NOT_EXISTS`); that is no error.
    ///
    /// - Throws: ``WeChatPayError`` with code `transport`, `timeout`, `refused`, `malformed`, `decryptionFailed` (wrong
    ///   API v3 key), or one of the signature's codes.
    public func refresh() async throws(WeChatPayError) {
        try await client.refreshKeys()
    }

    /// Downloads them when the last download is older than ``Client/Options/certificateRefreshInterval``, the newest
    /// certificate ends within ten days, or there is no key at all.
    ///
    /// - Throws: as ``refresh()``; the keys that are there stay usable.
    public func refreshIfDue() async throws(WeChatPayError) {
        try await client.refreshKeysIfDue()
    }

    /// Serial numbers of the valid certificates, and ids of the public keys.
    public var known: [String] { client.keys.known(at: client.clock.now) }
}
