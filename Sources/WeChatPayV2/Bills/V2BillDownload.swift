import Crypto
import HTTPTypes

/// The bytes of a bill of API v2 as they arrive, uncompressed.
public struct V2BillDownload: AsyncSequence, Sendable {
    public typealias Element = [UInt8]

    let client: V2Client
    let call: V2Client.Call
    let signType: V2SignType
    let limit: Int
    let timeout: Duration

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(download: self) }

    /// Reads chunk by chunk. `next()` throws ``WeChatPayError``: `transport`, `timeout`, `refused`; `responseTooLarge` above
    /// the limit, `malformed` for a broken or cut compression, `digestMismatch` where WeChat gave a digest.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private enum Progress {
            case notBegun
            case reading(ResponseBody.AsyncIterator, Gunzip)
            case over
        }

        private let download: V2BillDownload
        private var progress = Progress.notBegun
        /// Of the bill, and of what came: WeChat does not say which of both its digest is about.
        private var digest = Insecure.SHA1()
        private var digestAsSent = Insecure.SHA1()
        private var expected: String?

        init(download: V2BillDownload) {
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
                gunzip = Gunzip(limit: download.limit)
                body = try await begin(gunzip, isolation: actor)
            }
            while true {
                if let bytes = try gunzip.next() {
                    digest.update(data: bytes)
                    progress = .reading(body, gunzip)
                    return bytes
                }
                if let chunk = try await Self.chunk(&body, isolation: actor) {
                    digestAsSent.update(data: chunk)
                    gunzip.feed(chunk)
                    continue
                }
                if let bytes = try gunzip.finish() {
                    digest.update(data: bytes)
                    progress = .reading(body, gunzip)
                    return bytes
                }
                progress = .over
                try checkDigest()
                return nil
            }
        }

        /// Sends the request and looks at the first bytes: `<` begins an error in XML, anything else the bill.
        private mutating func begin(
            _ gunzip: Gunzip, isolation actor: isolated (any Actor)?
        ) async throws(WeChatPayError) -> ResponseBody.AsyncIterator {
            let response = try await download.client.attempts(true).run { [download] _ throws(WeChatPayError) in
                try await download.client.send(
                    download.call, to: download.client.baseURL, signType: download.signType, timeout: download.timeout)
            }
            var body = response.body.makeAsyncIterator()
            var start: [UInt8] = []
            var isOver = false
            while start.allSatisfy(XMLReader.isBlank), start.count < 4096 {
                guard let chunk = try await Self.chunk(&body, isolation: actor) else {
                    isOver = true
                    break
                }
                start += chunk
            }
            let isError = start.first(where: { !XMLReader.isBlank($0) }) == UInt8(ascii: "<")
            guard response.head.status.code == 200, !isError else {
                while !isOver, start.count < XMLReader.maximumBytes, let chunk = try await Self.chunk(&body, isolation: actor) {
                    start += chunk
                }
                throw V2BillDownload.refusal(V2RawAnswer(status: response.head.status.code, body: start))
            }
            expected = response.head.headerFields[HTTPField.Name("Digest")!].flatMap(V2BillDownload.sha1)
            digestAsSent.update(data: start)
            gunzip.feed(start)
            return body
        }

        private func checkDigest() throws(WeChatPayError) {
            guard let expected else { return }
            guard [digest.finalize(), digestAsSent.finalize()].contains(where: { Hex.lower($0) == expected }) else {
                throw WeChatPayError(
                    .digestMismatch, "the bill is not the one whose SHA-1 WeChat gave, or is cut short: download it again")
            }
        }

        private static func chunk(
            _ body: inout ResponseBody.AsyncIterator, isolation actor: isolated (any Actor)?
        ) async throws(WeChatPayError) -> [UInt8]? {
            do {
                return try await body.next(isolation: actor)
            } catch {
                throw WeChatPayError.transport(error)
            }
        }
    }

    /// The hexadecimal digits of `SHA=…`, in lower case.
    private static func sha1(_ header: String) -> String? {
        let parts = header.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, parts[0].uppercased() == "SHA" else { return nil }
        return parts[1].lowercased()
    }

    /// What WeChat says in place of a bill. Nobody signs it; that there is none, or not yet, is believed all the same, since
    /// nothing follows from it but to ask again.
    private static func refusal(_ raw: V2RawAnswer) -> WeChatPayError {
        guard raw.status == 200, let fields = try? XMLReader.read(raw.body) else { return raw.refusal }
        let message = (fields["return_msg"] ?? fields["err_code_des"] ?? "").filter { $0 != " " }.uppercased()
        let code = fields["error_code"] ?? fields["err_code"] ?? ""
        if code == "20002" || code == "NO_BILL_EXIST" || message.contains("NOBILLEXIST") {
            return WeChatPayError(
                .refused, "there is no bill: nothing was traded on that day", status: 200, wechatCode: .noStatementExist)
        }
        if code == "BILL_CREATING" || message.contains("BILLCREATING") {
            return WeChatPayError(
                .refused, "the bill is being made: try again after 10:00", status: 200, wechatCode: .statementCreating)
        }
        return V2RawAnswer.hint(fields)
    }
}
