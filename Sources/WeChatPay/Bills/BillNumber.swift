/// Numbers and times of a bill, read from bytes.
enum BillNumber {
    /// A decimal number as a whole number of its `decimals`-th decimal: `0.47` with two is 47, `45.0` with none is 45.
    ///
    /// `nil` for anything else, for decimals beyond these other than zeros, and for what does not fit.
    static func decimal(_ text: Slice<UnsafeBufferPointer<UInt8>>, decimals: Int) -> Int64? {
        var place = text.startIndex
        let end = text.endIndex
        let base = text.base
        let isNegative = place < end && base[place] == UInt8(ascii: "-")
        if isNegative { place += 1 }
        var value: Int64 = 0
        var missing = -1
        var digits = 0
        while place < end {
            let byte = base[place]
            place += 1
            if byte == UInt8(ascii: ".") {
                guard missing < 0, digits > 0 else { return nil }
                missing = decimals
                continue
            }
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            digits += 1
            if missing == 0 {
                guard digit == 0 else { return nil }
                continue
            }
            let (shifted, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (next, overflow) = shifted.addingReportingOverflow(Int64(digit))
            guard !isTooLarge, !overflow else { return nil }
            value = next
            if missing > 0 { missing -= 1 }
        }
        guard digits > 0, base[end - 1] != UInt8(ascii: ".") else { return nil }
        for _ in 0..<(missing < 0 ? decimals : missing) {
            let (next, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            value = next
        }
        return isNegative ? -value : value
    }

    static func decimal(_ text: some StringProtocol, decimals: Int) -> Int64? {
        Array(text.utf8).withUnsafeBufferPointer { decimal($0[...], decimals: decimals) }
    }
}

/// Reads `yyyy-MM-dd HH:mm:ss` in Beijing time. Remembers the last day, since nearly all rows of a bill share it.
struct BillTime {
    private var lastDay: UInt64 = 0
    private var dayStart: Int64 = 0

    mutating func read(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Timestamp? {
        guard text.count == 19, let bytes = text.base.baseAddress?.advanced(by: text.startIndex) else { return nil }
        func two(_ place: Int) -> Int? {
            let (ten, one) = (bytes[place] &- 0x30, bytes[place + 1] &- 0x30)
            return ten < 10 && one < 10 ? Int(ten) * 10 + Int(one) : nil
        }
        func isAt(_ place: Int, _ mark: Unicode.Scalar) -> Bool { bytes[place] == UInt8(ascii: mark) }
        guard isAt(4, "-"), isAt(7, "-"), isAt(10, " "), isAt(13, ":"), isAt(16, ":"), let century = two(0),
            let year = two(2), let month = two(5), let day = two(8), let hour = two(11), let minute = two(14),
            let second = two(17), hour < 24, minute < 60, second < 60
        else { return nil }
        let key = UInt64((century * 100 + year) * 10_000 + month * 100 + day) + 1
        if key != lastDay {
            guard let date = BeijingDate(year: century * 100 + year, month: month, day: day) else { return nil }
            lastDay = key
            dayStart = date.start.seconds
        }
        return Timestamp(seconds: dayStart + Int64(hour * 3600 + minute * 60 + second))
    }
}
