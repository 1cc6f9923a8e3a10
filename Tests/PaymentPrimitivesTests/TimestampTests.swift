import PaymentPrimitives
import Testing

@Suite("Timestamp")
struct TimestampTests {
    @Test(
        "RFC 3339 is read in any zone; without one it is Beijing time",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01T08:00:00+08:00", 0), ("1970-01-01T08:00:00", 0),
            ("1969-12-31T19:00:00-05:00", 0),
            ("2018-06-08T10:34:56+08:00", 1_528_425_296_000), ("2018-06-08T02:34:56.123Z", 1_528_425_296_123),
            ("2018-06-08t02:34:56.1z", 1_528_425_296_100), ("2018-06-08 10:34:56.123456789", 1_528_425_296_123),
            ("2024-02-29T00:00:00+08:00", 1_709_136_000_000), ("1969-12-31T23:59:59.999Z", -1),
        ])
    func reading(text: String, milliseconds: Int64) {
        #expect(Timestamp(rfc3339: text) == Timestamp(milliseconds: milliseconds))
    }

    @Test(
        "what is not RFC 3339, or not a date that exists, is refused",
        arguments: [
            "", "2018-06-08", "20180608103456", "2018-06-08T10:34", "2018-6-8T10:34:56Z", "2018-02-30T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "2018-13-01T00:00:00Z", "2018-00-01T00:00:00Z", "2018-01-00T00:00:00Z", "2018-01-01T24:00:00Z",
            "2018-01-01T00:60:00Z",
            "2018-01-01T00:00:61Z", "2018-01-01T00:00:00.Z", "2018-01-01T00:00:00+0800", "2018-01-01T00:00:00+24:00",
            "2018-01-01T00:00:00+08:60", "2018-01-01T00:00:00Zx", " 2018-01-01T00:00:00Z", "2018-01-01T00:00:00 ",
            "-018-01-01T00:00:00Z",
            "２０１８-01-01T00:00:00Z", "yesterday",
        ])
    func nonsense(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test("it prints whole seconds of Beijing time, and reads them back")
    func printing() {
        #expect(Timestamp(milliseconds: 1_528_425_296_999).rfc3339 == "2018-06-08T10:34:56+08:00")
        #expect(Timestamp(milliseconds: -1).rfc3339 == "1970-01-01T07:59:59+08:00")
        for seconds in stride(from: Int64(-2_000_000_000), through: 8_000_000_000, by: 7_777_777) {
            let moment = Timestamp(seconds: seconds)
            #expect(Timestamp(rfc3339: moment.rfc3339) == moment)
        }
    }

    @Test("seconds round down, and too many of them saturate")
    func seconds() {
        #expect(Timestamp(milliseconds: 1999).seconds == 1)
        #expect(Timestamp(milliseconds: -1).seconds == -1)
        #expect(Timestamp(milliseconds: -1000).seconds == -1)
        #expect(Timestamp(seconds: .max).milliseconds == .max)
        #expect(Timestamp(seconds: .min).milliseconds == .min)
        #expect(Timestamp(milliseconds: .max).advanced(by: .seconds(1)).milliseconds == .max)
        #expect(Timestamp(milliseconds: .min).advanced(by: .seconds(-1)).milliseconds == .min)
        #expect(Timestamp(seconds: 10).since(Timestamp(seconds: 4)) == .seconds(6))
    }
}

@Suite("BeijingDate")
struct BeijingDateTests {
    @Test("every day from 1899 to 2101 prints, reads back, and is followed by the next")
    func roundTrip() throws {
        var day = try #require(BeijingDate(year: 1899, month: 12, day: 31))
        var previous = day.civil
        for _ in 0..<73_800 {
            #expect(BeijingDate(day.description) == day)
            day = day.advanced(by: 1)
            let civil = day.civil
            let isNextDay = civil.year == previous.year && civil.month == previous.month && civil.day == previous.day + 1
            let isNextMonth =
                civil.day == 1 && previous.day >= 28
                && (civil.month == previous.month + 1 || civil.month == 1 && previous.month == 12)
            #expect(isNextDay || isNextMonth)
            previous = civil
        }
        #expect(day.civil.year == 2102 || day.civil.year == 2101)
    }

    @Test("leap years are those of the Gregorian calendar")
    func leapYears() {
        for year in [1600, 1996, 2000, 2024] { #expect(BeijingDate(year: year, month: 2, day: 29) != nil) }
        for year in [1700, 1900, 2023, 2100] { #expect(BeijingDate(year: year, month: 2, day: 29) == nil) }
        #expect(BeijingDate("2000-03-01")?.advanced(by: -1).description == "2000-02-29")
        #expect(BeijingDate("1970-01-01")?.daysSinceEpoch == 0)
        #expect(BeijingDate("0000-01-01")?.description == "0000-01-01")
        #expect(BeijingDate("9999-12-31")?.description == "9999-12-31")
    }

    @Test("a day begins and ends at midnight in Beijing")
    func midnight() throws {
        let day = try #require(BeijingDate("2023-11-15"))
        #expect(day.start == Timestamp(rfc3339: "2023-11-14T16:00:00Z"))
        #expect(BeijingDate(day.start) == day)
        #expect(BeijingDate(Timestamp(milliseconds: day.start.milliseconds - 1)) == day.advanced(by: -1))
        #expect(BeijingDate(Timestamp(milliseconds: day.start.milliseconds + 86_399_999)) == day)
    }

    @Test(
        "what is not a day is refused",
        arguments: [
            "", "2023", "2023-1-1", "2023-02-29", "2023-04-31", "2023-13-01", "2023-00-10", "2023-01-32", "2023-01-01x",
            "20230101",
        ])
    func nonsense(text: String) {
        #expect(BeijingDate(text) == nil)
    }
}
