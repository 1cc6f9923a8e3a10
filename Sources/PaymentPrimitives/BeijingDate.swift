/// A calendar day in Beijing, the day by which WeChat Pay makes bills.
///
/// China has had no daylight saving time since 1991, so the zone is the constant +08:00 and no zone database is read.
public struct BeijingDate: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Days since 1970-01-01.
    public let daysSinceEpoch: Int64

    static let offsetSeconds: Int64 = 8 * 3600

    /// The day `daysSinceEpoch` after 1970-01-01.
    public init(daysSinceEpoch: Int64) {
        self.daysSinceEpoch = daysSinceEpoch
    }

    /// The day in Beijing at a moment.
    public init(_ moment: Timestamp) {
        self.init(
            daysSinceEpoch: (moment.milliseconds.floorDivided(by: 1000) + Self.offsetSeconds).floorDivided(by: 86_400))
    }

    /// A proleptic Gregorian date; `nil` when it does not exist (31 April, year below 0 or above 9999).
    public init?(year: Int, month: Int, day: Int) {
        guard (0...9999).contains(year), (1...12).contains(month), day >= 1, day <= 31 else { return nil }
        // Days from civil, after Howard Hinnant: March is month 0, so that the leap day is the year's last.
        let y = Int64(month <= 2 ? year - 1 : year)
        let era = y.floorDivided(by: 400)
        let yearOfEra = y - era * 400
        let dayOfYear = Int64((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1)
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let date = BeijingDate(daysSinceEpoch: era * 146_097 + dayOfEra - 719_468)
        let (_, readMonth, readDay) = date.civil
        guard readMonth == month, readDay == day else { return nil }
        self = date
    }

    /// Reads `yyyy-MM-dd`; `nil` for anything else.
    public init?(_ text: String) {
        var scanner = DigitScanner(text)
        guard let year = scanner.number(4), scanner.skip("-"), let month = scanner.number(2), scanner.skip("-"),
            let day = scanner.number(2), scanner.isAtEnd
        else { return nil }
        self.init(year: Int(year), month: Int(month), day: Int(day))
    }

    /// The first moment of the day, 00:00:00+08:00.
    public var start: Timestamp {
        Timestamp(seconds: daysSinceEpoch * 86_400 - Self.offsetSeconds)
    }

    /// The day `days` later.
    public func advanced(by days: Int64) -> BeijingDate {
        BeijingDate(daysSinceEpoch: daysSinceEpoch + days)
    }

    /// Year, month and day of the month.
    public var civil: (year: Int, month: Int, day: Int) {
        let shifted = daysSinceEpoch + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (Int(yearOfEra + era * 400 + (month <= 2 ? 1 : 0)), Int(month), Int(day))
    }

    /// `yyyy-MM-dd`.
    public var description: String {
        let (year, month, day) = civil
        return pad(year, 4) + "-" + pad(month, 2) + "-" + pad(day, 2)
    }

    public static func < (left: BeijingDate, right: BeijingDate) -> Bool {
        left.daysSinceEpoch < right.daysSinceEpoch
    }
}

private func pad(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
