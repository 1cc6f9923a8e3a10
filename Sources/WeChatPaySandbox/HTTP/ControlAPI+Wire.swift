import HTTPTypes
import PaymentPrimitives

/// Keys and faults.
extension ControlAPI {
    static let wireCalls = [
        "GET /_sandbox/keys/{mchid}", "POST /_sandbox/keys/rotate {mchid, to: certificate | public_key, share}",
        "POST /_sandbox/faults {match: {path?, mchid?, nth?, probability?, on: answer | notification}, do, …}",
        "GET /_sandbox/faults", "DELETE /_sandbox/faults", "DELETE /_sandbox/faults/{id}",
    ]

    func routeWire(_ call: Call, _ path: [String]) throws -> JSONValue? {
        switch (call.method, path) {
        case (.post, ["keys", "rotate"]):
            let fields = try Fields(call)
            let share = try fields.share("share") ?? 1
            return try sandbox.rotateKeys(mchid: fields.text("mchid"), to: fields.word("to"), share: share).json
        case (.get, let path) where path.count == 2 && path[0] == "keys": return try sandbox.keys(mchid: path[1]).json
        case (.post, ["faults"]): return try sandbox.addFault(FaultRule(Fields(call))).json
        case (.get, ["faults"]): return .record(("faults", .array(sandbox.faults.map(\.json))))
        case (.delete, ["faults"]):
            try sandbox.removeFaults()
            return .record(("faults", .array([])))
        case (.delete, let path) where path.count == 2 && path[0] == "faults":
            try sandbox.removeFaults(id: path[1])
            return .record(("faults", .array(sandbox.faults.map(\.json))))
        default: return nil
        }
    }
}

extension Fields {
    /// A word out of a set.
    func word<Word: RawRepresentable & CaseIterable>(_ name: String) throws(SandboxError) -> Word where Word.RawValue == String {
        let text = try text(name)
        guard let word = Word(rawValue: text) else {
            let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw SandboxError(.invalidArgument, "\(name) “\(text)” is not one of: \(known)")
        }
        return word
    }

    /// A number from 0 to 1; `nil` when it is missing.
    func share(_ name: String) throws(SandboxError) -> Double? {
        guard let field = value[name] else { return nil }
        guard case .number(let token) = field, let number = Double(token), (0...1).contains(number) else {
            throw SandboxError(.invalidArgument, "the field “\(name)” must be a number from 0 to 1")
        }
        return number
    }

    private func smallInteger(_ name: String) throws(SandboxError) -> Int {
        guard let number = Int(exactly: try integer(name)) else {
            throw SandboxError(.invalidArgument, "the field “\(name)” is too large")
        }
        return number
    }

    fileprivate var match: FaultRule.Match {
        get throws(SandboxError) {
            guard let value = value["match"] else { return .init() }
            let fields = try Fields(value)
            try fields.allow(["path", "mchid", "nth", "probability", "on"])
            return FaultRule.Match(
                path: value["path"] == nil ? nil : try fields.text("path"),
                mchid: value["mchid"] == nil ? nil : try fields.text("mchid"),
                nth: value["nth"] == nil ? nil : try fields.smallInteger("nth"), probability: try fields.share("probability"),
                on: value["on"] == nil ? .answer : try fields.word("on"))
        }
    }

    fileprivate var action: FaultRule.Action {
        get throws(SandboxError) {
            let name = try text("do")
            switch name {
            case "status":
                return .status(
                    value["status"] == nil ? 500 : try smallInteger("status"),
                    code: value["code"] == nil ? "SYSTEM_ERROR" : try text("code"))
            case "frequency_limit": return .frequencyLimit(limit: try smallInteger("limit"), seconds: try integer("seconds"))
            default:
                let plain: [FaultRule.Action] = [
                    .signtest, .wrongSignature, .noSignature, .timeoutBefore, .timeoutAfter, .truncate,
                ]
                guard let action = plain.first(where: { $0.name == name }) else {
                    let known = (plain.map(\.name) + ["status", "frequency_limit"]).joined(separator: ", ")
                    throw SandboxError(.invalidArgument, "do “\(name)” is not one of: \(known)")
                }
                return action
            }
        }
    }

    /// A misspelt field would make a rule that is about everything.
    fileprivate func allow(_ names: Set<String>) throws(SandboxError) {
        if let other = value.members?.first(where: { !names.contains($0.name) }) {
            throw SandboxError(
                .invalidArgument, "there is no field “\(other.name)”; there are: \(names.sorted().joined(separator: ", "))")
        }
    }
}

extension FaultRule {
    fileprivate init(_ fields: Fields) throws(SandboxError) {
        try fields.allow(["match", "do", "status", "code", "limit", "seconds"])
        self.init(try fields.match, try fields.action)
    }
}

extension ActiveFault {
    fileprivate var json: JSONValue {
        var (status, code, limit, seconds): (JSONValue?, JSONValue?, JSONValue?, JSONValue?)
        switch rule.action {
        case .status(let number, let text): (status, code) = (.integer(number), .string(text))
        case .frequencyLimit(let number, let time): (limit, seconds) = (.integer(number), .integer(time))
        default: break
        }
        return .record(
            ("id", .string(id)),
            (
                "match",
                .record(
                    ("path", .text(rule.match.path)), ("mchid", .text(rule.match.mchid)),
                    ("nth", rule.match.nth.map(JSONValue.integer)),
                    ("probability", rule.match.probability.map { .number("\($0)") }), ("on", .string(rule.match.on.rawValue)))
            ),
            ("do", .string(rule.action.name)), ("status", status), ("code", code), ("limit", limit), ("seconds", seconds),
            ("seen", .integer(seen)), ("applied", .integer(applied)))
    }
}

extension SandboxKeys {
    fileprivate var json: JSONValue {
        .record(
            ("mchid", .string(mchid)), ("key_mode", .string(keyMode.rawValue)), ("public_key_id", .string(publicKeyID)),
            ("public_key_share", .number("\(publicKeyShare)")),
            (
                "certificates",
                .array(
                    certificates.map {
                        .record(
                            ("serial_no", .string($0.serialNo)), ("share", .number("\($0.share)")),
                            ("expire_time", .time($0.expireTime)), ("certificate", .string($0.pem)))
                    })
            ))
    }
}
