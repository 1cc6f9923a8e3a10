import Crypto
import CryptoExtras
import Foundation
import HTTPTypes
import NIOSSL
import PaymentPrimitives
import WeChatPay

@testable import WeChatPaySandbox

/// A merchant's client, written by hand from the documents, without a line of the SDK's.
struct Caller {
    let sandbox: Sandbox
    let merchant: SandboxMerchant
    let clock: ManualClock

    /// What came back.
    struct Reply {
        let status: Int
        let headers: HTTPFields
        let body: String

        var json: JSONValue { (try? JSONParser.parse(Array(body.utf8))) ?? .null }
        var code: String? { json["code"]?.string }
        var message: String? { json["message"]?.string }

        func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }
    }

    /// Where a signature goes wrong on purpose.
    struct Defect {
        var message: @Sendable (String) -> String = { $0 }
        var path: @Sendable (String) -> String = { $0 }
        var body: @Sendable (String) -> String = { $0 }
        var timestamp: @Sendable (Int64) -> String = { String($0) }
        var signedTimestamp: (@Sendable (Int64) -> String)?
        var method: @Sendable (String) -> String = { $0 }
        var key: (@Sendable (Sandbox) -> String)?
        var serial: (@Sendable (Sandbox) -> String)?
        var mchid: String?
        var signature: @Sendable (String) -> String = { $0 }
        var header: @Sendable (String) -> String? = { $0 }
    }

    static func sign(_ message: String, _ pem: String) throws -> String {
        let key = try _RSA.Signing.PrivateKey(pemRepresentation: pem)
        let digest = SHA256.hash(data: Data(message.utf8))
        return try key.signature(for: digest, padding: .insecurePKCS1v1_5).rawRepresentation.base64EncodedString()
    }

    func request(
        _ method: String, _ path: String, _ body: String = "", headers: [String: String] = [:], defect: Defect = Defect()
    ) throws -> TransportRequest {
        let now = clock.now.seconds
        let nonce = "0123456789ABCDEF0123456789abcdef"
        let stamp = defect.timestamp(now)
        let signedStamp = defect.signedTimestamp?(now) ?? stamp
        let message = "\(defect.method(method))\n\(defect.path(path))\n\(signedStamp)\n\(nonce)\n\(defect.body(body))\n"
        let signature = try Self.sign(defect.message(message), defect.key?(sandbox) ?? merchant.privateKeyPEM)
        let serial = defect.serial?(sandbox) ?? merchant.serialNo
        let authorization =
            "WECHATPAY2-SHA256-RSA2048 mchid=\"\(defect.mchid ?? merchant.mchid)\",nonce_str=\"\(nonce)\","
            + "timestamp=\"\(stamp)\",serial_no=\"\(serial)\",signature=\"\(defect.signature(signature))\""
        var fields: HTTPFields = [.accept: "application/json", .userAgent: "test"]
        if !body.isEmpty { fields[.contentType] = "application/json" }
        fields[.authorization] = defect.header(authorization)
        for (name, value) in headers { if let name = HTTPField.Name(name) { fields[name] = value.isEmpty ? nil : value } }
        return TransportRequest(
            head: HTTPRequest(
                method: HTTPRequest.Method(rawValue: method) ?? .get, scheme: "https", authority: "api.mch.weixin.qq.com",
                path: path, headerFields: fields),
            body: Array(body.utf8))
    }

    func send(
        _ method: String, _ path: String, _ body: String = "", headers: [String: String] = [:], defect: Defect = Defect()
    ) async throws -> Reply {
        try await reply(to: request(method, path, body, headers: headers, defect: defect))
    }

    func reply(to request: TransportRequest) async throws -> Reply {
        let response = try await sandbox.transport.send(request, deadline: .seconds(5))
        let body = try await response.body.collect(upTo: 1_000_000)
        return Reply(
            status: response.head.status.code, headers: response.head.headerFields,
            body: String(decoding: body, as: UTF8.self))
    }

    // MARK: The calls that most tests need

    static let jsapi = "/v3/pay/transactions/jsapi"

    /// A right order; `changes` replace fields, `nil` removes one.
    func order(_ number: String = "ORDER0001", _ changes: [String: JSONValue?] = [:]) -> JSONValue {
        var body = JSONValue.record(
            ("appid", .string(merchant.appid)), ("mchid", .string(merchant.mchid)), ("description", "一杯咖啡"),
            ("out_trade_no", .string(number)), ("notify_url", "https://pay.example.com/notify"), ("attach", "桌号8"),
            ("amount", .record(("total", .integer(100)), ("currency", "CNY"))),
            ("payer", .record(("openid", .string(openid)))))
        for (pointer, value) in changes { body = body.replacing(pointer.split(separator: "/").map(String.init), with: value) }
        return body
    }

    var openid: String { sandbox.users.first { $0.appid == merchant.appid }?.openid ?? "" }

    @discardableResult
    func prepay(_ number: String = "ORDER0001", _ changes: [String: JSONValue?] = [:]) async throws -> Reply {
        try await send("POST", Self.jsapi, order(number, changes).json)
    }

    /// A right order of any of the four ways that begin with one.
    func order(_ method: PrepayMethod, _ number: String, _ changes: [String: JSONValue?] = [:]) -> JSONValue {
        var all = changes
        if method != .jsapi, changes["payer"] == nil { all["payer"] = .some(nil) }
        if method == .h5, changes["scene_info"] == nil {
            all["scene_info"] = .record(("payer_client_ip", "203.0.113.7"), ("h5_info", .record(("type", "Wap"))))
        }
        return order(number, all)
    }

    @discardableResult
    func prepay(
        _ method: PrepayMethod, _ number: String = "ORDER0001", _ changes: [String: JSONValue?] = [:]
    ) async throws -> Reply {
        try await send("POST", "/v3/pay/transactions/\(method.rawValue)", order(method, number, changes).json)
    }

    /// A right charge of a payment code.
    func codePay(
        _ code: String, _ number: String = "ORDER0001", _ changes: [String: JSONValue?] = [:]
    ) async throws -> Reply {
        var all = changes
        for name in ["notify_url", "payer"] where changes[name] == nil { all[name] = .some(nil) }
        if changes["payer"] == nil { all["payer"] = .record(("auth_code", .string(code))) }
        if changes["scene_info"] == nil { all["scene_info"] = .record(("store_info", .record(("id", "0001")))) }
        return try await send("POST", "/v3/pay/transactions/codepay", order(number, all).json)
    }

    func reverse(_ number: String = "ORDER0001") async throws -> Reply {
        try await send(
            "POST", "/v3/pay/transactions/out-trade-no/\(number)/reverse",
            "{\"appid\":\"\(merchant.appid)\",\"mchid\":\"\(merchant.mchid)\"}")
    }

    /// What a notification says, opened with the merchant's key.
    func resource(of delivery: Delivery) throws -> JSONValue {
        let sealed = try JSONParser.parse(Array(delivery.body.utf8))["resource"] ?? .null
        return try JSONParser.parse(Array(open(sealed, merchant).utf8))
    }

    func query(_ number: String = "ORDER0001") async throws -> Reply {
        try await send("GET", "/v3/pay/transactions/out-trade-no/\(number)?mchid=\(merchant.mchid)")
    }

    func close(_ number: String = "ORDER0001") async throws -> Reply {
        try await send("POST", "/v3/pay/transactions/out-trade-no/\(number)/close", "{\"mchid\":\"\(merchant.mchid)\"}")
    }
}

extension JSONValue {
    /// The value with the field at a path replaced, or removed for `nil`.
    func replacing(_ path: [String], with value: JSONValue?) -> JSONValue {
        guard let first = path.first, case .object(let members) = self else { return self }
        if path.count > 1 {
            return setting(first, to: (self[first] ?? .object([])).replacing(Array(path.dropFirst()), with: value))
        }
        guard let value else { return .object(members.filter { $0.name != first }) }
        return setting(first, to: value)
    }
}

/// A sandbox with a clock that stands still.
func makeSandbox(
    merchant index: Int = 0, strict: Bool = false, store: (any SandboxStateStore)? = nil, clock: ManualClock = ManualClock(),
    deliver: Sandbox.Deliver? = nil
) throws -> Caller {
    let sandbox = try Sandbox(
        clock: clock, random: SeededRandom(7), options: .init(strict: strict), store: store, deliver: deliver)
    return Caller(sandbox: sandbox, merchant: sandbox.merchants[index], clock: clock)
}

/// The key of a certificate, PEM.
func verificationKey(ofCertificate pem: String) throws -> RSAVerificationKey {
    let certificate = try NIOSSLCertificate(bytes: Array(pem.utf8), format: .pem)
    return try RSAVerificationKey(der: certificate.extractPublicKey().toSPKIBytes())
}
