/// Reads a trade bill, bytes in, rows out, with as much memory as one chunk needs.
///
/// ```swift
/// var reader = TradeBillReader()
/// for chunk in chunks { for row in try reader.read(chunk) { … } }
/// for row in try reader.finish() { … }
/// let summary = reader.summary
/// ```
///
/// Columns are found by their names, those of bills before 2018 too. The file may begin with a byte order mark; its lines
/// may end with CR LF or LF. Rows are final only once ``finish()`` has returned: it compares them with the summary row.
public struct TradeBillReader: Sendable {
    private var scanner = BillScanner()
    private var columns: TradeBillColumns?
    private var sums = TradeBillSums()
    private var clock = BillTime()
    /// The summary row, after ``finish()``.
    public private(set) var summary: TradeBillSummary?

    /// A reader at the beginning of a file.
    public init() {}

    /// Takes the next bytes of the file, uncompressed; gives the rows that end in them.
    ///
    /// - Throws: ``WeChatPayError`` with code `malformed`, naming line and column.
    public mutating func read(_ bytes: [UInt8]) throws(WeChatPayError) -> [TradeBillRow] {
        var rows: [TradeBillRow] = []
        var begin = 0
        while begin < bytes.count {
            let end = min(bytes.count, begin + BillScanner.chunkLength)
            if let batch = try scanner.feed(bytes[begin..<end]) { try add(batch, to: &rows) }
            begin = end
        }
        return rows
    }

    /// The file has ended: the row that no line end followed, if there is one.
    ///
    /// - Throws: ``WeChatPayError`` with code `malformed` when the bill is cut short, or its summary differs from its rows
    ///   (the error names the column).
    public mutating func finish() throws(WeChatPayError) -> [TradeBillRow] {
        var rows: [TradeBillRow] = []
        if let batch = try scanner.finish() { try add(batch, to: &rows) }
        if let header = scanner.header { _ = try TradeBillColumns(header) }
        summary = try sums.check(scanner.summary ?? [])
        return rows
    }

    /// Reads a whole file that is in memory.
    ///
    /// - Throws: as ``read(_:)`` and ``finish()``.
    public static func rows(in bytes: [UInt8]) throws(WeChatPayError) -> (rows: [TradeBillRow], summary: TradeBillSummary) {
        var reader = TradeBillReader()
        var rows = try reader.read(bytes)
        rows += try reader.finish()
        guard let summary = reader.summary else { throw WeChatPayError(.malformed, "the bill has no summary") }
        return (rows, summary)
    }

    private mutating func add(_ batch: BillBatch, to rows: inout [TradeBillRow]) throws(WeChatPayError) {
        let columns: TradeBillColumns
        if let known = self.columns { columns = known } else { columns = try TradeBillColumns(batch.header) }
        self.columns = columns
        rows.reserveCapacity(rows.count + batch.count)
        for index in 0..<batch.count {
            let row = try TradeBillRow(batch, index, columns, &clock)
            sums.add(row)
            rows.append(row)
        }
    }
}
