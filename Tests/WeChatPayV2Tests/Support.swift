import Crypto
import Foundation
import HTTPTypes
import Synchronization
import Testing
import WeChatPay
import WeChatPayV2

/// A clock that jumps to the deadline of whoever sleeps.
final class JumpingClock: WallClock {
    private let state: Mutex<Timestamp>

    init(_ now: Timestamp = Timestamp(seconds: 1_700_000_000)) {
        state = Mutex(now)
    }

    var now: Timestamp { state.withLock { $0 } }

    func sleep(until deadline: Timestamp) async throws {
        try Task.checkCancellation()
        state.withLock { $0 = max($0, deadline) }
    }
}

/// A transport that answers by a script and remembers what it was asked.
final class ScriptedTransport: Transport {
    typealias Script = @Sendable (TransportRequest, Int) throws -> TransportResponse

    private let seen = Mutex<[TransportRequest]>([])
    private let script: Script

    /// The script gets the request and its number, from 1.
    init(_ script: @escaping Script) {
        self.script = script
    }

    var requests: [TransportRequest] { seen.withLock { $0 } }
    var paths: [String] { requests.map { $0.head.path ?? "" } }
    var hosts: [String] { requests.map { $0.head.authority ?? "" } }

    /// The fields of a request, as WeChat would read them.
    func fields(_ index: Int = 0) throws -> XMLFields {
        try XMLReader.read(try #require(requests.dropFirst(index).first).body)
    }

    func send(_ request: TransportRequest, deadline: Duration) async throws -> TransportResponse {
        let number = seen.withLock { seen in
            seen.append(request)
            return seen.count
        }
        return try script(request, number)
    }
}

/// WeChat's side: signs in its own way, with strings, so that a mistake of the SDK's is not made twice.
struct WeChatSide: Sendable {
    var type = V2SignType.md5
    var key = Documents.key

    static let mchid = "10000100"
    static let appid = "wxd930ea5d5a258f4f"

    func signature(_ pairs: [(String, String)]) -> String {
        let text =
            pairs.filter { $0.0 != "sign" && !$0.1.isEmpty }
            .sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
            .map { "\($0.0)=\($0.1)" }.joined(separator: "&") + "&key=\(key)"
        let digest: [UInt8] =
            switch type {
            case .md5: Array(Insecure.MD5.hash(data: Data(text.utf8)))
            case .hmacSHA256:
                Array(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: SymmetricKey(data: Data(key.utf8))))
            }
        return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
    }

    /// A document with both codes SUCCESS unless `pairs` say otherwise, signed.
    func document(_ pairs: [(String, String)]) -> [UInt8] {
        var all = [
            ("return_code", "SUCCESS"), ("appid", Self.appid), ("mch_id", Self.mchid), ("nonce_str", "IITRi8Iabbblz1Jc"),
            ("result_code", "SUCCESS"),
        ].filter { pair in !pairs.contains { $0.0 == pair.0 } }
        all += pairs
        if !pairs.contains(where: { $0.0 == "sign" }) { all.append(("sign", signature(all))) }
        return Array(("<xml>" + all.map { "<\($0.0)><![CDATA[\($0.1)]]></\($0.0)>" }.joined() + "</xml>").utf8)
    }

    func reply(_ pairs: [(String, String)]) -> TransportResponse { answer(document(pairs)) }

    func refusal(_ code: String, _ text: String = "原因") -> TransportResponse {
        reply([("result_code", "FAIL"), ("err_code", code), ("err_code_des", text)])
    }
}

func answer(_ body: [UInt8], status: Int = 200, _ fields: HTTPFields = [:]) -> TransportResponse {
    TransportResponse(head: HTTPResponse(status: .init(code: status), headerFields: fields), body: ResponseBody(body))
}

func answer(_ text: String, status: Int = 200) -> TransportResponse { answer(Array(text.utf8), status: status) }

func testMerchant(_ type: V2SignType = .md5) throws -> V2Merchant {
    try V2Merchant(mchid: WeChatSide.mchid, apiKey: Secret(Documents.key), signType: type)
}

func testClient(
    _ transport: any Transport, certificate: (any Transport)? = nil, type: V2SignType = .md5,
    clock: any WallClock = JumpingClock(), baseURL: String = "https://api.mch.weixin.qq.com", attempts: Int = 2
) throws -> V2Client {
    try V2Client(
        merchant: testMerchant(type), baseURL: baseURL, transport: transport, certificateTransport: certificate, clock: clock,
        random: SeededRandom(1), options: .init(timeout: .seconds(1), attempts: attempts))
}

/// What `body` throws.
func failure(_ body: () async throws -> Void) async -> WeChatPayError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? WeChatPayError
    }
}

func order(_ change: (inout V2Order) -> Void = { _ in }) -> V2Order {
    var order = V2Order(
        body: "茶", outTradeNo: "1415659990", amount: Money(fen: 100), payerClientIP: "14.23.150.211")
    change(&order)
    return order
}

/// Fields of a paid order.
let paid = [
    ("openid", "oUpF8uMEb4qRXf22hE3X68TekukE"), ("is_subscribe", "Y"), ("trade_type", "JSAPI"), ("bank_type", "OTHERS"),
    ("total_fee", "100"), ("cash_fee", "100"), ("transaction_id", "4200000000202311150000000001"),
    ("out_trade_no", "1415659990"), ("time_end", "20231115061320"),
]
