/// One field of a request body, as WeChat documents it.
struct FieldRule: Sendable {
    let name: String
    /// What WeChat calls it in its messages.
    let label: String
    let isRequired: Bool
    let kind: Kind

    indirect enum Kind: Sendable {
        /// Text of a length in UTF-8 bytes.
        case text(_ length: ClosedRange<Int>, charset: Charset? = nil)
        case integer(minimum: Int64, maximum: Int64 = .max)
        case boolean
        case object([FieldRule])
        case objects([FieldRule], minimum: Int = 1, maximum: Int)
        /// A list of words out of a set.
        case words(Set<String>)
    }

    /// A set of characters, with the regular expression by which WeChat names it.
    struct Charset: Sendable {
        let pattern: String
        let contains: @Sendable (UInt8) -> Bool
    }

    static func required(_ name: String, _ label: String, _ kind: Kind) -> FieldRule {
        FieldRule(name: name, label: label, isRequired: true, kind: kind)
    }

    static func optional(_ name: String, _ label: String, _ kind: Kind) -> FieldRule {
        FieldRule(name: name, label: label, isRequired: false, kind: kind)
    }
}

/// Checks a value against rules, and names what is wrong as WeChat does.
struct BodyCheck {
    /// `body`, `query` or `uri_template`.
    let location: String
    /// The pointers of fields that no document mentions.
    private(set) var unknownFields: [String] = []

    init(location: String) {
        self.location = location
    }

    mutating func check(_ value: JSONValue, _ rules: [FieldRule], at pointer: String = "") throws(Fault) {
        guard let members = value.members else {
            throw mapping(pointer.isEmpty ? "/" : pointer, "请求体", value, "一个合法的JSON对象", "not an object")
        }
        for rule in rules {
            let here = pointer + "/" + rule.name
            if let value = members.first(where: { $0.name == rule.name })?.value {
                try check(value, rule, at: here)
            } else if rule.isRequired {
                throw .parameter(
                    "输入源“/\(location)\(here)”映射到字段“\(rule.label)”必填性规则校验失败，此字段为必填项",
                    field: field(here), issue: "required field is missing", location: location)
            }
        }
        let known = Set(rules.map(\.name))
        unknownFields += members.map(\.name).filter { !known.contains($0) }.map { pointer + "/" + $0 }
    }

    private mutating func check(_ value: JSONValue, _ rule: FieldRule, at pointer: String) throws(Fault) {
        switch rule.kind {
        case .text(let length, let charset): try text(value, rule.label, length, charset, pointer)
        case .integer(let minimum, let maximum):
            guard let number = value.int64 else {
                throw mapping(pointer, rule.label, value, "一个合法的 64 位有符号整数", "not a whole number")
            }
            guard number >= minimum else {
                throw .parameter(
                    "输入源“/\(location)\(pointer)”映射到数值字段“\(rule.label)”规则校验失败，值低于最小值 \(minimum)",
                    field: field(pointer), value: value, issue: "less than \(minimum)", location: location,
                    number: 268_435_464)
            }
            guard number <= maximum else {
                throw .parameter(
                    "输入源“/\(location)\(pointer)”映射到数值字段“\(rule.label)”规则校验失败，值高于最大值 \(maximum)",
                    field: field(pointer), value: value, issue: "more than \(maximum)", location: location,
                    number: 268_435_464)
            }
        case .boolean:
            guard value.bool != nil else {
                throw mapping(pointer, rule.label, value, "一个合法的布尔值", "not a boolean")
            }
        case .object(let rules):
            guard value.members != nil else {
                throw mapping(pointer, rule.label, value, "一个合法的JSON对象", "not an object")
            }
            try check(value, rules, at: pointer)
        case .objects(let rules, let minimum, let maximum):
            let values = try list(value, rule.label, minimum...maximum, pointer)
            for (index, value) in values.enumerated() {
                try check(value, rules, at: "\(pointer)/\(index)")
            }
        case .words(let words):
            for (index, value) in try list(value, rule.label, 1...max(words.count, 1), pointer).enumerated() {
                guard let word = value.string, words.contains(word) else {
                    throw mapping("\(pointer)/\(index)", rule.label, value, "一个合法的枚举值", "not a documented value")
                }
            }
        }
    }

    private func text(
        _ value: JSONValue, _ label: String, _ length: ClosedRange<Int>, _ charset: FieldRule.Charset?, _ pointer: String
    ) throws(Fault) {
        guard let text = value.string else {
            throw mapping(pointer, label, value, "一个合法的字符串", "not a string")
        }
        let count = text.utf8.count
        let start = "输入源“/\(location)\(pointer)”映射到值字段“\(label)”字符串规则校验失败，"
        guard count >= length.lowerBound else {
            throw .parameter(
                start + "字节数 \(count)，小于最小值 \(length.lowerBound)", field: field(pointer), value: .integer(count),
                issue: "shorter than \(length.lowerBound) bytes", location: location)
        }
        guard count <= length.upperBound else {
            throw .parameter(
                start + "字节数 \(count)，大于最大值 \(length.upperBound)", field: field(pointer), value: .integer(count),
                issue: "longer than \(length.upperBound) bytes", location: location)
        }
        if let charset, !text.utf8.allSatisfy(charset.contains) {
            throw .parameter(
                start + "字符串不匹配正则表达式“\(charset.pattern)”", field: field(pointer), value: value,
                issue: "characters outside \(charset.pattern)", location: location)
        }
        if text.unicodeScalars.contains(where: { $0.value > 0xFFFF }) {
            throw .parameter(
                start + "包含非法字符，只支持1至3字节的UTF-8字符", field: field(pointer), value: value,
                issue: "a character of four UTF-8 bytes", location: location)
        }
    }

    private func list(
        _ value: JSONValue, _ label: String, _ count: ClosedRange<Int>, _ pointer: String
    ) throws(Fault) -> [JSONValue] {
        guard let values = value.array else {
            throw mapping(pointer, label, value, "一个合法的数组", "not an array")
        }
        guard count.contains(values.count) else {
            throw .parameter(
                "输入源“/\(location)\(pointer)”映射到数组字段“\(label)”规则校验失败，元素个数 \(values.count)，应在 \(count.lowerBound) 到 \(count.upperBound) 之间",
                field: field(pointer), value: .integer(values.count),
                issue: "not \(count.lowerBound) to \(count.upperBound) elements",
                location: location)
        }
        return values
    }

    private func mapping(
        _ pointer: String, _ label: String, _ value: JSONValue, _ expected: String, _ issue: String
    ) -> Fault {
        .parameter(
            "无法将JSON输入源“/\(location)\(pointer)”映射到目标字段“\(label)”中，此字段需要\(expected)", field: field(pointer),
            value: value, issue: issue, location: location)
    }

    /// A JSON pointer in the body, the bare name elsewhere.
    private func field(_ pointer: String) -> String {
        location == "body" ? pointer : String(pointer.dropFirst())
    }
}
