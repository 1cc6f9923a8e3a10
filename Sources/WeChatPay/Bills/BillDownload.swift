import Crypto
import HTTPTypes

/// The bytes of a bill as they arrive, uncompressed: ``Bills/download(_:limit:timeout:)``.
///
/// The answer carries no signature; its digest was in the signed answer to the request. Only an iteration that ends
/// without an error has seen the whole bill: the digest is checked at the end.
public struct BillDownload: AsyncSequence, Sendable {
    public typealias Element = [UInt8]

    let client: Client
    let link: BillLink
    let limit: Int
    let timeout: Duration

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(download: self) }

    /// Reads chunk by chunk.
    ///
    /// `next()` throws ``WeChatPayError`` with code `invalidArgument` for an address that is not WeChat's, `transport`,
    /// `timeout`, `refused`; `responseTooLarge` above the limit, `malformed` for a broken or cut compression,
    /// `digestMismatch` at the end when these are not the bytes that WeChat vouched for.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private enum Progress {
            case notBegun
            case reading(ResponseBody.AsyncIterator, Gunzip)
            case over
        }

        private let download: BillDownload
        private var progress = Progress.notBegun
        private var digest = Insecure.SHA1()

        init(download: BillDownload) {
            self.download = download
        }

        public mutating func next() async throws -> [UInt8]? { try await next(isolation: #isolation) }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(WeChatPayError) -> [UInt8]? {
            do throws(WeChatPayError) {
                return try await advance(isolation: actor)
            } catch {
                progress = .over
                throw error
            }
        }

        private mutating func advance(isolation actor: isolated (any Actor)?) async throws(WeChatPayError) -> [UInt8]? {
            var body: ResponseBody.AsyncIterator
            let gunzip: Gunzip
            switch progress {
            case .over: return nil
            case .reading(let reading, let inflating): (body, gunzip) = (reading, inflating)
            case .notBegun:
                try download.checkHashType()
                body = try await download.begin().makeAsyncIterator()
                gunzip = Gunzip(limit: download.limit)
            }
            while true {
                if let bytes = try gunzip.next() {
                    digest.update(data: bytes)
                    progress = .reading(body, gunzip)
                    return bytes
                }
                let chunk: [UInt8]?
                do {
                    chunk = try await body.next(isolation: actor)
                } catch {
                    throw WeChatPayError.transport(error)
                }
                if let chunk {
                    gunzip.feed(chunk)
                    continue
                }
                // What was too short to be told from compressed bytes comes out now.
                if let bytes = try gunzip.finish() {
                    digest.update(data: bytes)
                    progress = .reading(body, gunzip)
                    return bytes
                }
                progress = .over
                guard constantTimeEqual(Hex.lower(digest.finalize()).utf8, download.link.hashValue.lowercased().utf8) else {
                    throw WeChatPayError(
                        .digestMismatch, "the bill is not the one whose SHA-1 WeChat gave, or is cut short: download it again")
                }
                return nil
            }
        }
    }

    private func checkHashType() throws(WeChatPayError) {
        let digits = link.hashValue.utf8
        guard link.hashType.uppercased() == "SHA1", digits.count == 40, link.hashValue.allSatisfy(\.isHexDigit) else {
            throw WeChatPayError(.malformed, "hash_type, hash_value: not a SHA1 of 40 hexadecimal digits")
        }
    }

    private func begin() async throws(WeChatPayError) -> ResponseBody {
        let (host, path) = try BillAddress.split(link.downloadURL, for: client.baseURL)
        return try await client.stream(path, from: host, deadline: timeout)
    }
}

/// The address in a link: it gets the merchant's signature, so it must be WeChat's.
enum BillAddress {
    /// All that are WeChat Pay's own, for clients that speak to one of them.
    private static let hosts: Set = [
        "api.mch.weixin.qq.com", "api2.mch.weixin.qq.com", "api.wechatpay.cn", "api2.wechatpay.cn",
    ]

    /// Host and path with query, exactly as they stand in the address.
    static func split(_ url: String, for base: BaseURL) throws(WeChatPayError) -> (host: BaseURL, path: String) {
        let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }),
            let host = try? BaseURL("\(parts[0])//\(parts[2])"), parts[1].isEmpty
        else { throw WeChatPayError(.invalidArgument, "download_url: not an absolute, percent-encoded URL with a path") }
        guard host == base || isOurs(host) && isOurs(base) else {
            throw WeChatPayError(
                .invalidArgument,
                "download_url: on another host than this client's \(base); it would get the merchant's signature")
        }
        return (host, "/" + parts[3])
    }

    private static func isOurs(_ host: BaseURL) -> Bool { host.scheme == "https" && hosts.contains(host.authority) }
}
