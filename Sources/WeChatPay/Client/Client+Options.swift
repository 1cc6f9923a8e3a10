extension Client {
    /// How a ``Client`` sends.
    public struct Options: Sendable {
        /// How long one attempt may take, the answer's body included.
        public var timeout: Duration = .seconds(10)
        /// How often a request that may safely be repeated is sent at most; at least 1.
        public var attempts: Int = 2
        /// The longest answer, and the longest notification, in bytes.
        public var responseLimit: Int = 1 << 20
        /// `User-Agent`; WeChat may refuse requests without one.
        public var userAgent: String = "swift-wechat-pay/1.0 (Swift)"
        /// `Accept-Language`, the language of WeChat's error messages: `zh-CN` (its default), `en`, `zh-HK`, `zh-TW`.
        public var acceptLanguage: String? = nil
        /// After this time the platform certificates are downloaded again; WeChat asks for 12 hours at most.
        public var certificateRefreshInterval: Duration = .seconds(12 * 3600)

        /// The defaults.
        public init() {}

        /// The defaults with another time-out and number of attempts.
        public init(timeout: Duration, attempts: Int = 2) {
            self.timeout = timeout
            self.attempts = attempts
        }
    }
}
