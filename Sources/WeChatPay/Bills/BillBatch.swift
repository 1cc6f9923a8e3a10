/// Rows that arrived together: their bytes, and where each cell lies in them.
///
/// Rows share a batch instead of having texts of their own; a text is made when somebody asks for it.
final class BillBatch: Sendable {
    let header: BillHeader
    /// The rows of one chunk of the file, line ends included; 64 KiB and one line at most.
    let bytes: [UInt8]
    /// For each row, the beginning of every cell, and one more for the end of the last. A cell ends two bytes before the
    /// next begins (`` ,` ``), or one in a row without backticks.
    let starts: [UInt32]
    /// How many bytes separate two cells of a row.
    let gaps: [UInt8]
    /// The number of the first row's line in the file, from 1.
    let firstLine: Int

    init(header: BillHeader, bytes: [UInt8], starts: [UInt32], gaps: [UInt8], firstLine: Int) {
        self.header = header
        self.bytes = bytes
        self.starts = starts
        self.gaps = gaps
        self.firstLine = firstLine
    }

    /// How many rows there are.
    var count: Int { gaps.count }

    /// Where a cell lies in ``bytes``.
    func range(_ row: Int, _ place: Int) -> Range<Int> {
        let first = row * (header.names.count + 1) + place
        return Int(starts[first])..<Int(starts[first + 1]) - Int(gaps[row])
    }

    /// The text of a cell; empty when the bill has no such column.
    func text(_ row: Int, _ column: BillColumn) -> String {
        let place = header.place(column)
        return place < 0 ? "" : String(decoding: bytes[range(row, place)], as: UTF8.self)
    }

    func error(_ row: Int, _ column: BillColumn, _ problem: String) -> WeChatPayError {
        WeChatPayError(.malformed, "the bill, line \(firstLine + row): \(column.name) \(problem)")
    }

    /// An amount in units of 10^-`decimals` yuan.
    func decimal(_ row: Int, _ column: BillColumn, decimals: Int) throws(WeChatPayError) -> Int64 {
        let range = range(row, header.place(column))
        let value = bytes.withUnsafeBufferPointer { BillNumber.decimal($0[range], decimals: decimals) }
        guard let value else { throw error(row, column, "is not an amount in yuan with at most \(decimals) decimals") }
        return value
    }
}
