/// The port through which a code of `wx.login` becomes an openid. The session key stays behind it.
package protocol LoginProvider: Sendable {
    /// - Throws: ``PaymentError`` `.unauthorized` for a code that is wrong, used or too old; `.unavailable` when WeChat
    ///   does not answer.
    func openID(for code: String) async throws -> String
}
