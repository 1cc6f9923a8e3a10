/// The rows of a fund-flow bill out of chunks of bytes: a download, a file, an array.
///
/// The sequence throws at its end when the bill is cut short or its summary differs; only then is it complete. Errors are
/// those of the chunks and of ``FundFlowBillReader``.
public struct FundFlowBillRows<Chunks: AsyncSequence>: AsyncSequence where Chunks.Element == [UInt8] {
    public typealias Element = FundFlowBillRow

    private let chunks: Chunks

    /// The rows of a bill whose uncompressed bytes come in `chunks`.
    public init(_ chunks: Chunks) {
        self.chunks = chunks
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(chunks.makeAsyncIterator()) }

    /// Reads row by row.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private var chunks: Chunks.AsyncIterator
        private var reader = FundFlowBillReader()
        private var rows: [FundFlowBillRow] = []
        private var place = 0
        private var isOver = false

        init(_ chunks: Chunks.AsyncIterator) {
            self.chunks = chunks
        }

        /// The summary row; `nil` before the sequence has ended.
        public var summary: FundFlowBillSummary? { reader.summary }

        public mutating func next() async throws -> FundFlowBillRow? { try await next(isolation: #isolation) }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> FundFlowBillRow? {
            while place == rows.count {
                guard let more = try await nextBatch(isolation: actor) else { return nil }
                rows = more
                place = 0
            }
            defer { place += 1 }
            return rows[place]
        }

        /// The rows of the next chunk, which may be none; faster than one by one. `nil` at the end.
        public mutating func nextBatch(isolation actor: isolated (any Actor)? = #isolation) async throws -> [FundFlowBillRow]? {
            guard !isOver else { return nil }
            do {
                if let chunk = try await chunks.next(isolation: actor) { return try reader.read(chunk) }
                isOver = true
                return try reader.finish()
            } catch {
                isOver = true
                throw error
            }
        }
    }
}

extension FundFlowBillRows: Sendable where Chunks: Sendable {}
