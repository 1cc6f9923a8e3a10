import PaymentPrimitives

/// A bill before it is bytes: a table and its sums.
///
/// Follows 《交易账单详细说明》 and 《资金账单详细说明》: UTF-8 with a byte order mark, CRLF behind every line, a backtick before
/// every value and none before a heading, nothing quoted.
struct BillTable: Sendable, Equatable {
    let columns: [String]
    let rows: [[String]]
    let summaryColumns: [String]
    let summary: [String]

    var bytes: [UInt8] { bytes(isV2: false) }

    /// - Parameter isV2: whether commas within a value stay what they are, as in the bills of API v2.
    func bytes(isV2: Bool) -> [UInt8] {
        func line(_ values: [String]) -> String {
            values.map { "`" + Self.escaped($0, isV2) }.joined(separator: ",")
        }
        let lines =
            [columns.joined(separator: ",")] + rows.map(line) + [summaryColumns.joined(separator: ","), line(summary)]
        return [0xEF, 0xBB, 0xBF] + Array(lines.map { $0 + "\r\n" }.joined().utf8)
    }

    /// Line ends become `\r` and `\n` in letters, U+0001 a space. A comma would end the field; WeChat replaces it, by what is
    /// not documented: here by the Chinese comma.
    private static func escaped(_ value: String, _ isV2: Bool) -> String {
        var result = String.UnicodeScalarView()
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\r": result.append(contentsOf: "\\r".unicodeScalars)
            case "\n": result.append(contentsOf: "\\n".unicodeScalars)
            case "\u{1}": result.append(" ")
            case "," where !isV2: result.append("，")
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}

/// How bills write values.
enum BillText {
    /// Fen as yuan with two decimals: `0.03`, `-1.00`.
    static func yuan(_ fen: Int64) -> String {
        let magnitude = fen.magnitude
        return (fen < 0 ? "-" : "") + "\(magnitude / 100).\(padded(Int64(magnitude % 100), 2))"
    }

    /// A fee in fen as yuan with five decimals: `0.01000`.
    static func fee(_ fen: Int64) -> String { yuan(fen) + "000" }

    /// `yyyy-MM-dd HH:mm:ss` in Beijing.
    static func time(_ moment: Timestamp) -> String { String(moment.rfc3339.prefix(19)).replacing("T", with: " ") }
}
