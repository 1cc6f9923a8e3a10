import Foundation
import HTTPTypes
import Synchronization

@testable import WeChatPay

/// A clock that jumps to the deadline of whoever sleeps, and remembers how long they slept.
final class JumpingClock: WallClock {
    private let state: Mutex<(now: Timestamp, slept: [Duration])>

    init(_ now: Timestamp = Timestamp(seconds: 1_700_000_000)) {
        state = Mutex((now, []))
    }

    var now: Timestamp { state.withLock { $0.now } }
    var slept: [Duration] { state.withLock { $0.slept } }

    func advance(by duration: Duration) {
        state.withLock { $0.now = $0.now.advanced(by: duration) }
    }

    func sleep(until deadline: Timestamp) async throws {
        try Task.checkCancellation()
        state.withLock { state in
            state.slept.append(deadline.since(state.now))
            state.now = max(state.now, deadline)
        }
    }
}

/// A transport that answers by a script and remembers what it was asked.
final class ScriptedTransport: Transport {
    typealias Script = @Sendable (TransportRequest, Int) async throws -> TransportResponse

    private let requestsSeen = Mutex<[TransportRequest]>([])
    private let script: Script

    /// The script gets the request and its number, from 1.
    init(_ script: @escaping Script) {
        self.script = script
    }

    var requests: [TransportRequest] { requestsSeen.withLock { $0 } }
    var paths: [String] { requests.map { $0.head.path ?? "" } }

    func send(_ request: TransportRequest, deadline: Duration) async throws -> TransportResponse {
        let number = requestsSeen.withLock { seen in
            seen.append(request)
            return seen.count
        }
        return try await script(request, number)
    }
}

/// WeChat's side: signs answers and notifications with its test keys.
struct Platform: Sendable {
    var clock: any WallClock
    var key = Platform.current
    var serial = Fixtures.currentSerial

    static let current = makeKey(Fixtures.platformKeyPEM)
    static let next = makeKey(Fixtures.nextKeyPEM)
    static let merchant = makeKey(Fixtures.merchantKeyPEM)
    static let apiV3Key = "0123456789abcdefghijklmnopqrstuv"

    private static func makeKey(_ pem: String) -> MerchantPrivateKey {
        do { return try MerchantPrivateKey(pem: pem) } catch { preconditionFailure("fixture: \(error)") }
    }

    func sign(_ body: [UInt8], timestamp: String, nonce: String) -> String {
        let bytes = (try? key.signature(for: SignString.answer(timestamp: timestamp, nonce: nonce, body: body))) ?? []
        return Data(bytes).base64EncodedString()
    }

    func headers(_ body: [UInt8], timestamp: String? = nil, nonce: String = "c5ac7061fccab6bf3e254dcf98995b8c") -> HTTPFields {
        let timestamp = timestamp ?? String(clock.now.seconds)
        return [
            .wechatpayTimestamp: timestamp, .wechatpayNonce: nonce, .wechatpaySerial: serial,
            .wechatpaySignature: sign(body, timestamp: timestamp, nonce: nonce), .wechatRequestID: "08F7-0",
        ]
    }

    func answer(_ status: Int, _ json: String) -> TransportResponse {
        let body = Array(json.utf8)
        return TransportResponse(
            head: HTTPResponse(status: .init(code: status), headerFields: headers(body)), body: ResponseBody(body))
    }

    /// The answer of `/v3/certificates` with certificates by serial.
    func certificates(_ list: [(serial: String, pem: String)], key: String = apiV3Key) throws -> TransportResponse {
        let entries = try list.map { serial, pem in
            let ciphertext = try AESGCM.seal(
                Array(pem.utf8), nonce: "61f9c719728a", associatedData: "certificate", key: Secret(key))
            return """
                {"serial_no":"\(serial)","effective_time":"2023-01-01T08:00:00+08:00","expire_time":"2028-01-01T08:00:00+08:00",\
                "encrypt_certificate":{"algorithm":"AEAD_AES_256_GCM","nonce":"61f9c719728a","associated_data":"certificate",\
                "ciphertext":"\(ciphertext)"}}
                """
        }
        return answer(200, "{\"data\":[\(entries.joined(separator: ","))]}")
    }

    /// A notification around a resource.
    func notification(
        _ plaintext: String, event: String = "TRANSACTION.SUCCESS", original: String? = "transaction",
        algorithm: String = "AEAD_AES_256_GCM", aad: String = "transaction", sentAAD: String? = nil,
        nonce: String = "fdasflkja484",
        sentNonce: String? = nil, key: String = apiV3Key
    ) throws -> [UInt8] {
        let ciphertext = try AESGCM.seal(Array(plaintext.utf8), nonce: nonce, associatedData: aad, key: Secret(key))
        let originalType = original.map { "\"original_type\":\"\($0)\"," } ?? ""
        return Array(
            """
            {"id":"EV-2018022511223320873","create_time":"2023-11-15T06:13:20+08:00","resource_type":"encrypt-resource",\
            "event_type":"\(event)","summary":"支付成功","resource":{\(originalType)"algorithm":"\(algorithm)",\
            "ciphertext":"\(ciphertext)","associated_data":"\(sentAAD ?? aad)","nonce":"\(sentNonce ?? nonce)"}}
            """.utf8)
    }
}

func unsigned(_ status: Int, _ text: String, _ fields: HTTPFields = [:]) -> TransportResponse {
    TransportResponse(
        head: HTTPResponse(status: .init(code: status), headerFields: fields), body: ResponseBody(Array(text.utf8)))
}

func testMerchant(publicKeys: [WeChatPayPublicKey] = []) throws -> Merchant {
    try Merchant(
        mchid: "1900000001", serialNo: "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C",
        privateKey: MerchantPrivateKey(pem: Fixtures.merchantKeyPEM), apiV3Key: Secret(Platform.apiV3Key), publicKeys: publicKeys)
}

func testPublicKey() throws -> WeChatPayPublicKey {
    try WeChatPayPublicKey(id: Fixtures.publicKeyID, pem: Fixtures.publicKeyPEM)
}

/// A client that knows the current platform certificate, unless told otherwise.
func testClient(
    _ transport: any Transport, clock: any WallClock, certificates: [String] = [Fixtures.currentCertificate],
    publicKeys: [WeChatPayPublicKey] = [], baseURL: String = "https://api.mch.weixin.qq.com", options: Client.Options = .init()
) throws -> Client {
    try Client(
        merchant: testMerchant(publicKeys: publicKeys), baseURL: baseURL,
        platformCertificates: certificates.map { try PlatformCertificate(pem: $0) }, transport: transport, clock: clock,
        random: SeededRandom(1), options: options)
}

/// An order as WeChat shows it after payment.
func orderJSON(_ outTradeNo: String = "order_1234", state: String = "SUCCESS", total: String = "100") -> String {
    """
    {"appid":"wx0000000000000001","mchid":"1900000001","out_trade_no":"\(outTradeNo)",\
    "transaction_id":"4200000000202311150000000001","trade_type":"JSAPI","trade_state":"\(state)",\
    "trade_state_desc":"支付成功","bank_type":"CMB_DEBIT","attach":"","success_time":"2023-11-15T06:13:19+08:00",\
    "payer":{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},\
    "amount":{"total":\(total),"payer_total":90,"currency":"CNY","payer_currency":"CNY"}}
    """
}

let refundJSON = """
    {"mchid":"1900000001","transaction_id":"4200000000202311150000000001","out_trade_no":"order_1234",\
    "refund_id":"50000000382019052709732678859","out_refund_no":"refund_1","refund_status":"SUCCESS",\
    "success_time":"2023-11-15T06:13:19+08:00","user_received_account":"支付用户零钱",\
    "amount":{"total":100,"refund":100,"payer_total":90,"payer_refund":90}}
    """

let neverCalled = ScriptedTransport { request, _ in
    throw WeChatPayError(.transport, "no request was expected, but \(request.head.path ?? "") was sent")
}

/// The code of the error that `body` throws.
func code(_ body: () async throws -> Void) async -> WeChatPayError.Code? {
    do {
        try await body()
        return nil
    } catch { return (error as? WeChatPayError)?.code }
}

/// The error that `body` throws.
func failure(_ body: () async throws -> Void) async -> WeChatPayError? {
    do {
        try await body()
        return nil
    } catch { return error as? WeChatPayError }
}

/// A value that several tasks read and change.
final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) {
        mutex = Mutex(value)
    }

    var value: Value { mutex.withLock { $0 } }

    func change(_ body: @Sendable (inout Value) -> Void) {
        mutex.withLock { body(&$0) }
    }
}
