/// The names under which WeChat Pay and the WeChat app platform are reached.
enum WeChatHosts {
    /// The hosts of API v2 and v3 with their backups, and of `jscode2session`.
    static let all = [
        "api.mch.weixin.qq.com", "api2.mch.weixin.qq.com", "api.weixin.qq.com", "api.wechatpay.cn", "api2.wechatpay.cn",
    ]

    /// Whether a host is one of these, in any case of letters; a trailing dot or anything before or behind is another host.
    static func contains(_ host: String) -> Bool {
        all.contains(host.lowercased())
    }
}
