import PaymentPrimitives

/// How a text of the configuration is read, and what it must be.
struct ConfigurationFormat<Value> {
    /// Whether `""` is a value.
    var allowsEmpty = false
    /// Whether a text may have more than one line.
    var allowsLines = false
    /// The value of a text. A complaint quotes it only where it cannot be a secret in the wrong place.
    let read: (String) throws(ConfigurationComplaint) -> Value
}

extension ConfigurationFormat where Value == Int64 {
    /// Decimal digits and nothing else.
    static func wholeNumber(_ range: ClosedRange<Int64>) -> Self {
        Self { text throws(ConfigurationComplaint) in
            guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int64(text), range.contains(number) else {
                throw ConfigurationComplaint(
                    "must be a whole number from \(range.lowerBound) to \(range.upperBound), "
                        + "not \(ConfigurationName.quoted(value: text))")
            }
            return number
        }
    }
}

extension ConfigurationFormat where Value == Bool {
    static var boolean: Self {
        Self { text throws(ConfigurationComplaint) in
            switch text {
            case "true": return true
            case "false": return false
            default: throw ConfigurationComplaint("must be true or false, not \(ConfigurationName.quoted(value: text))")
            }
        }
    }
}

extension ConfigurationFormat where Value == Duration {
    /// A whole number and `s`, `m`, `h` or `d`.
    static func duration(from least: String, to most: String) -> Self {
        Self { text throws(ConfigurationComplaint) in
            guard let seconds = seconds(text), let lower = Self.seconds(least), let upper = Self.seconds(most),
                (lower...upper).contains(seconds)
            else {
                throw ConfigurationComplaint(
                    "must be a duration from \(least) to \(most), such as 90s, 30m, 2h or 1d, "
                        + "not \(ConfigurationName.quoted(value: text))")
            }
            return .seconds(seconds)
        }
    }

    private static func seconds(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        let digits = text.dropLast()
        guard let unit = text.last.flatMap({ units[$0] }), digits.utf8.allSatisfy({ (48...57).contains($0) }),
            let number = Int64(digits)
        else { return nil }
        let (seconds, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow ? nil : seconds
    }
}

extension ConfigurationFormat where Value == BeijingDate {
    static var date: Self {
        Self { text throws(ConfigurationComplaint) in
            guard let date = BeijingDate(text) else {
                throw ConfigurationComplaint(
                    "must be a date such as 2026-01-31, not \(ConfigurationName.quoted(value: text))")
            }
            return date
        }
    }
}

extension ConfigurationFormat where Value: RawRepresentable<String> & CaseIterable {
    /// One of the names of an enumeration; `later` are those that a later version will know.
    static func choice(later: [String] = []) -> Self {
        Self { text throws(ConfigurationComplaint) in
            if let value = Value(rawValue: text), !later.contains(text) { return value }
            let names = Value.allCases.map(\.rawValue).filter { !later.contains($0) }.joined(separator: " or ")
            throw ConfigurationComplaint(
                later.contains(text)
                    ? "must be \(names): \(text) is not in this version"
                    : "must be \(names), not \(ConfigurationName.quoted(value: text))")
        }
    }
}

extension ConfigurationFormat where Value == String {
    /// A path, or the name of an environment variable. Whether it is there shows when it is read.
    static var path: Self { Self { text in text } }

    /// Any text for people.
    static func text(_ length: ClosedRange<Int>, allowsLines: Bool = false) -> Self {
        Self(allowsLines: allowsLines) { text throws(ConfigurationComplaint) in
            guard length.contains(text.count) else {
                throw ConfigurationComplaint("must have at most \(length.upperBound) characters, not \(text.count)")
            }
            return text
        }
    }

    /// So many characters of a kind; the complaint never quotes them.
    static func characters(_ kind: ConfigurationCharacters, _ length: ClosedRange<Int>) -> Self {
        Self(allowsEmpty: length.contains(0)) { text throws(ConfigurationComplaint) in
            guard length.contains(text.count), text.unicodeScalars.allSatisfy(kind.contains) else {
                let count =
                    length.lowerBound == length.upperBound
                    ? "\(length.lowerBound)" : "\(length.lowerBound) to \(length.upperBound)"
                throw ConfigurationComplaint("must be \(count) \(kind.rawValue)")
            }
            return text
        }
    }

    /// The serial number of a certificate, in upper case as WeChat writes it.
    static var serialNo: Self {
        let hexadecimal = characters(.hexadecimal, 40...40)
        return Self { text throws(ConfigurationComplaint) in try hexadecimal.read(text).uppercased() }
    }

    static var publicKeyID: Self {
        Self { text throws(ConfigurationComplaint) in
            let prefix = "PUB_KEY_ID_"
            guard text.hasPrefix(prefix), (12...64).contains(text.count),
                text.unicodeScalars.allSatisfy(ConfigurationCharacters.identifier.contains)
            else { throw ConfigurationComplaint("must begin with \(prefix) and go on with letters and digits") }
            return text
        }
    }
}
