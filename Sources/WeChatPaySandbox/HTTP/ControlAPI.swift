import HTTPTypes
import PaymentPrimitives
import WeChatPay

/// The control calls over HTTP, `/_sandbox/…`: decodes, calls the sandbox, encodes.
struct ControlAPI: Sendable {
    let sandbox: Sandbox

    /// - Returns: the status and the JSON body.
    func respond(to request: TransportRequest) async -> (status: Int, body: JSONValue) {
        let call = Call(request)
        do {
            return (200, try await route(call))
        } catch let error as SandboxError {
            let status = error.code == .notFound ? 404 : error.code == .storage ? 500 : 400
            return (status, Self.error("\(error.code)", error.message))
        } catch {
            return (500, Self.error("failed", "\(error)"))
        }
    }

    static func error(_ code: String, _ message: String) -> JSONValue {
        .record(("error", .string(code)), ("message", .string(message)))
    }

    private func route(_ call: Call) async throws -> JSONValue {
        let path = Array(call.segments.dropFirst())
        switch (call.method, path) {
        case (.post, ["login-code"]):
            let fields = try Fields(call)
            let code = try sandbox.loginCode(appid: fields.text("appid"), openid: fields.text("openid"))
            return .record(("code", .string(code)))
        case (.get, let path) where path.count == 3 && path[0] == "orders":
            guard let order = sandbox.order(mchid: path[1], outTradeNo: path[2]) else {
                if let (combine, parts) = sandbox.combined(mchid: path[1], outTradeNo: path[2]) {
                    return combine.json(parts)
                }
                throw SandboxError(.notFound, "merchant \(path[1]) has no order \(path[2])")
            }
            return order.json
        case (.get, ["requests"]):
            return .record(("requests", .array(sandbox.requests(mchid: call.query["mchid"]).map(\.json))))
        case (.get, ["deliveries"]):
            let deliveries = sandbox.deliveries(mchid: call.query["mchid"], outTradeNo: call.query["out_trade_no"])
            return .record(("deliveries", .array(deliveries.map(\.json))))
        case (.post, let path) where path.count == 3 && path[0] == "deliveries" && path[2] == "resend":
            return try await sandbox.resend(deliveryID: path[1]).json
        case (.post, ["trigger"]):
            let fields = try Fields(call)
            return try await sandbox.trigger(
                mchid: fields.text("mchid"), eventType: fields.text("event_type"), notifyURL: fields.text("notify_url")
            ).json
        case (.get, ["clock"]): return clock
        case (.post, ["clock", "advance"]):
            try await sandbox.advanceClock(by: Fields(call).integer("seconds"))
            return clock
        case (.get, ["warnings"]):
            return .record(("warnings", .array(sandbox.warnings.map(\.json))))
        default:
            if let answer = try routeWire(call, path) { return answer }
            if let answer = try await routePayment(call, path) { return answer }
            if let answer = try routeMoney(call, path) { return answer }
            throw SandboxError(
                .notFound,
                "\(call.method) /\(call.segments.joined(separator: "/")) is no control call; there are: \(Self.calls.joined(separator: ", "))"
            )
        }
    }

    static let calls =
        ["POST /_sandbox/login-code {appid, openid}"] + paymentCalls + [
            "GET /_sandbox/orders/{mchid}/{out_trade_no}", "GET /_sandbox/requests?mchid=",
            "GET /_sandbox/deliveries?mchid=&out_trade_no=", "POST /_sandbox/deliveries/{id}/resend",
            "POST /_sandbox/trigger {mchid, event_type, notify_url}", "GET /_sandbox/clock",
            "POST /_sandbox/clock/advance {seconds}", "GET /_sandbox/warnings",
        ] + moneyCalls + wireCalls

    private var clock: JSONValue {
        let (wire, business) = (sandbox.clock.now, sandbox.businessNow)
        return .record(
            ("business_time", .time(business)), ("wire_time", .time(wire)),
            ("offset_seconds", .integer((business.milliseconds - wire.milliseconds) / 1000)),
            ("next_due", .time(sandbox.nextDue)))
    }
}

/// The fields of a control call's body.
struct Fields {
    let value: JSONValue

    init(_ call: Call) throws(SandboxError) {
        let parsed: JSONValue
        do {
            parsed = try JSONParser.parse(call.body)
        } catch { throw SandboxError(.invalidArgument, "the body is not JSON: \(error)") }
        try self.init(parsed)
    }

    init(_ value: JSONValue) throws(SandboxError) {
        guard value.members != nil else { throw SandboxError(.invalidArgument, "the body must be a JSON object") }
        self.value = value
    }

    func text(_ name: String) throws(SandboxError) -> String {
        guard let text = value[name]?.string, !text.isEmpty else {
            throw SandboxError(.invalidArgument, "the field “\(name)” is missing or not a text")
        }
        return text
    }

    func integer(_ name: String) throws(SandboxError) -> Int64 {
        guard let number = value[name]?.int64 else {
            throw SandboxError(.invalidArgument, "the field “\(name)” is missing or not a whole number")
        }
        return number
    }

    /// A yes or no; no where nothing is said.
    func flag(_ name: String) throws(SandboxError) -> Bool {
        guard let value = value[name] else { return false }
        guard let flag = value.bool else { throw SandboxError(.invalidArgument, "the field “\(name)” is not true or false") }
        return flag
    }
}
