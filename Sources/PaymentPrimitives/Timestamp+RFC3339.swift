extension Timestamp: CustomStringConvertible {
    /// The moment as WeChat writes it: `2018-06-08T10:34:56+08:00`, in whole seconds and Beijing time.
    public var rfc3339: String {
        let local = milliseconds.floorDivided(by: 1000).adding(BeijingDate.offsetSeconds)
        let day = local.floorDivided(by: 86_400)
        let second = local - day * 86_400
        let date = BeijingDate(daysSinceEpoch: day)
        return "\(date)T\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))+08:00"
    }

    /// The same as ``rfc3339``.
    public var description: String { rfc3339 }

    /// Reads an RFC 3339 date and time with any zone: `2018-06-08T10:34:56+08:00`, `2018-06-08T02:34:56.123Z`.
    ///
    /// A text without a zone is taken as Beijing time, as WeChat means it. Fractions of a second are kept to the
    /// millisecond. Returns `nil` for anything else, also for dates that do not exist.
    public init?(rfc3339 text: String) {
        var scanner = DigitScanner(text)
        guard let year = scanner.number(4), scanner.skip("-"), let month = scanner.number(2), scanner.skip("-"),
            let day = scanner.number(2), scanner.skip("T") || scanner.skip("t") || scanner.skip(" "),
            let hour = scanner.number(2), scanner.skip(":"), let minute = scanner.number(2), scanner.skip(":"),
            let second = scanner.number(2), hour < 24, minute < 60, second < 61,
            let date = BeijingDate(year: Int(year), month: Int(month), day: Int(day))
        else { return nil }
        var fraction: Int64 = 0
        if scanner.skip(".") {
            guard let value = scanner.fraction() else { return nil }
            fraction = value
        }
        var offset = BeijingDate.offsetSeconds
        if scanner.skip("Z") || scanner.skip("z") {
            offset = 0
        } else if let sign = scanner.sign() {
            guard let hours = scanner.number(2), scanner.skip(":"), let minutes = scanner.number(2), hours < 24, minutes < 60
            else { return nil }
            offset = sign * (hours * 3600 + minutes * 60)
        }
        guard scanner.isAtEnd else { return nil }
        let seconds = date.daysSinceEpoch * 86_400 + hour * 3600 + minute * 60 + second - offset
        self.init(milliseconds: seconds * 1000 + fraction)
    }
}

private func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }

extension Int64 {
    fileprivate func adding(_ other: Int64) -> Int64 { self + other }

    func floorDivided(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

/// Reads fixed-width numbers from ASCII text.
struct DigitScanner {
    private var rest: Substring.UTF8View

    init(_ text: String) {
        rest = text[...].utf8
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }

    mutating func sign() -> Int64? {
        skip("+") ? 1 : skip("-") ? -1 : nil
    }

    mutating func number(_ width: Int) -> Int64? {
        guard rest.count >= width else { return nil }
        var value: Int64 = 0
        for byte in rest.prefix(width) {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 0x30)
        }
        rest = rest.dropFirst(width)
        return value
    }

    /// Digits after the point, in milliseconds; at least one, further ones are dropped.
    mutating func fraction() -> Int64? {
        var value: Int64 = 0
        var scale: Int64 = 100
        var any = false
        while let byte = rest.first, (0x30...0x39).contains(byte) {
            value += Int64(byte - 0x30) * scale
            scale /= 10
            any = true
            rest = rest.dropFirst()
        }
        return any ? value : nil
    }
}
