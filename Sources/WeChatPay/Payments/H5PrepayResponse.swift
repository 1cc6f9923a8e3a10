/// The answer to a prepay request for a browser outside WeChat.
public struct H5PrepayResponse: Hashable, Sendable, Decodable, PrepayAnswer {
    /// Where the browser goes (`h5_url`), with the registered page as its `Referer`; valid for five minutes.
    public let h5URL: String

    /// WeChat's names.
    enum CodingKeys: String, CodingKey {
        case h5URL = "h5_url"
    }

    var essential: (name: String, text: String) { ("h5_url", h5URL) }

    /// ``h5URL`` with the page to which the payer comes back, percent-encoded as `redirect_url` (《H5调起支付》).
    ///
    /// Coming back says nothing about the payment: query the order.
    ///
    /// - Parameter page: an absolute address below the domain that is registered for H5 payments.
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` when it is blank or has a control character.
    public func url(returningTo page: String) throws(WeChatPayError) -> String {
        guard !page.isEmpty, !page.hasControlCharacter else {
            throw WeChatPayError(.invalidArgument, "redirect_url: blank, or with a control character")
        }
        return h5URL + (h5URL.contains("?") ? "&" : "?") + "redirect_url=" + PercentEncoding.encode(page)
    }
}
