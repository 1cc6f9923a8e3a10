import Foundation

/// Cuts the bytes of a bill into rows and cells: header, rows, the summary's header and the summary.
///
/// Works on bytes, in chunks; holds no more than one unfinished line. Every value of a row begins with a backtick, and a
/// comma may stand inside a value, so cells are parted where a comma and a backtick follow each other. A row without
/// backticks, as spreadsheet programs leave it, is parted at its commas.
struct BillScanner {
    /// The longest line in bytes; WeChat's have a few hundred.
    static let longestLine = 64 * 1024
    /// How much is cut at a time.
    static let chunkLength = 64 * 1024

    private enum Part { case header, rows, summary, end }

    private var part = Part.header
    private var carry: [UInt8] = []
    private var line = 0
    private(set) var header: BillHeader?
    /// Names and values of the summary, once it has come.
    private(set) var summary: [(name: String, value: String)]?
    private var summaryNames: [String] = []

    /// Takes at most ``chunkLength`` bytes; the rows that end in them.
    mutating func feed(_ chunk: ArraySlice<UInt8>) throws(WeChatPayError) -> BillBatch? {
        let bytes = carry.isEmpty ? Array(chunk) : carry + chunk
        guard let end = bytes.lastIndex(of: 0x0A) else {
            guard bytes.count <= Self.longestLine else { throw tooLong }
            carry = bytes
            return nil
        }
        carry = Array(bytes[(end + 1)...])
        return try cut(bytes, until: end + 1)
    }

    /// The end of the file: the row that has no line end, and whether the bill is complete.
    mutating func finish() throws(WeChatPayError) -> BillBatch? {
        let last = carry + (carry.isEmpty ? [] : [0x0A])
        carry = []
        let batch = last.isEmpty ? nil : try cut(last, until: last.count)
        guard part == .end else {
            throw WeChatPayError(.malformed, "the bill is cut short: it has no \(header == nil ? "header" : "summary")")
        }
        return batch
    }

    private var tooLong: WeChatPayError { error("longer than \(Self.longestLine) bytes") }

    private func error(_ problem: String) -> WeChatPayError {
        WeChatPayError(.malformed, "the bill, line \(line + 1): \(problem)")
    }

    private mutating func cut(_ bytes: [UInt8], until end: Int) throws(WeChatPayError) -> BillBatch? {
        var starts: [UInt32] = []
        var gaps: [UInt8] = []
        if let header { starts.reserveCapacity(end / 128 * (header.names.count + 1)) }
        var firstLine = 0
        try bytes.withUnsafeBufferPointer { buffer throws(WeChatPayError) in
            try cut(buffer, until: end, &starts, &gaps, &firstLine)
        }
        guard !gaps.isEmpty, let header else { return nil }
        return BillBatch(header: header, bytes: bytes, starts: starts, gaps: gaps, firstLine: firstLine)
    }

    private mutating func cut(
        _ bytes: UnsafeBufferPointer<UInt8>, until end: Int, _ starts: inout [UInt32], _ gaps: inout [UInt8],
        _ firstLine: inout Int
    ) throws(WeChatPayError) {
        guard let base = bytes.baseAddress else { return }
        if memchr(base, 0, end) != nil { throw error("a NUL character here or in one of the next lines") }
        var begin = 0
        while begin < end, let found = memchr(base + begin, 0x0A, end - begin) {
            let next = UnsafeRawPointer(found) - UnsafeRawPointer(base) + 1
            let stop = next - 1 > begin && base[next - 2] == 0x0D ? next - 2 : next - 1
            guard stop - begin <= Self.longestLine else { throw tooLong }
            defer {
                begin = next
                line += 1
            }
            // The byte order mark, with which WeChat begins.
            if line == 0, stop - begin >= 3, base[begin] == 0xEF, base[begin + 1] == 0xBB, base[begin + 2] == 0xBF { begin += 3 }
            if stop == begin { continue }
            if part == .rows, base[begin] == UInt8(ascii: "`"), let header {
                if gaps.isEmpty { firstLine = line + 1 }
                try cutRow(base, begin + 1, stop, header.names.count, gap: 2, &starts, &gaps)
            } else if try take(Self.text(base, begin, stop)), let header {
                if gaps.isEmpty { firstLine = line + 1 }
                try cutRow(base, begin, stop, header.names.count, gap: 1, &starts, &gaps)
            }
        }
    }

    /// A line other than a usual row: a header, the summary. Returns whether it is a row without backticks.
    private mutating func take(_ text: String) throws(WeChatPayError) -> Bool {
        switch part {
        case .header:
            header = try BillHeader(Self.cells(text))
            part = .rows
        case .rows:
            let cells = Self.cells(text)
            guard cells[0] == "总交易单数" || cells[0] == "资金流水总笔数" else { return true }
            summaryNames = cells
            part = .summary
        case .summary:
            let values = Self.cells(text)
            guard values.count == summaryNames.count else {
                throw error("the summary has \(values.count) values for \(summaryNames.count) names")
            }
            summary = zip(summaryNames, values).map { (name: $0, value: $1) }
            part = .end
        case .end: throw error("there is more after the summary")
        }
        return false
    }

    private func cutRow(
        _ base: UnsafePointer<UInt8>, _ begin: Int, _ stop: Int, _ columns: Int, gap: Int, _ starts: inout [UInt32],
        _ gaps: inout [UInt8]
    ) throws(WeChatPayError) {
        let before = starts.count
        starts.append(UInt32(truncatingIfNeeded: begin))
        var place = begin
        let mark = gap == 2 ? UInt8(ascii: "`") : UInt8(ascii: ",")
        while place < stop, let found = memchr(base + place, Int32(mark), stop - place) {
            place = UnsafeRawPointer(found) - UnsafeRawPointer(base) + 1
            // A backtick within a value separates nothing.
            if gap == 2, base[place - 2] != UInt8(ascii: ",") { continue }
            starts.append(UInt32(truncatingIfNeeded: place))
        }
        starts.append(UInt32(truncatingIfNeeded: stop + gap))
        guard starts.count - before == columns + 1 else {
            throw error("\(starts.count - before - 1) cells, but the header has \(columns)")
        }
        gaps.append(UInt8(truncatingIfNeeded: gap))
    }

    private static func text(_ base: UnsafePointer<UInt8>, _ begin: Int, _ stop: Int) -> String {
        String(decoding: UnsafeBufferPointer(start: base + begin, count: stop - begin), as: UTF8.self)
    }

    /// Cells of a line that is no usual row, without the backtick before each.
    private static func cells(_ text: String) -> [String] {
        text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map {
            String(decoding: $0.first == UInt8(ascii: "`") ? $0.dropFirst() : $0, as: UTF8.self)
        }
    }
}
