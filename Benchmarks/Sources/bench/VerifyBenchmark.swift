import Foundation
import HTTPTypes
import WeChatPay
import WeChatPaySandbox

/// What the SDK does on one core, next to `openssl speed` in the same minute.
///
/// Both count operations per second of CPU time: what else runs on the machine takes part in neither.
struct VerifyBenchmark {
    private static let rounds = 3
    private static let seconds = 2.0

    func run(into report: inout Report) async throws {
        guard let account = SandboxSetup.standard.merchants.first else { throw BenchmarkFailure("the sandbox has no merchant") }
        let merchant = try Merchant(
            mchid: account.mchid, serialNo: account.serialNo, privateKey: MerchantPrivateKey(pem: account.privateKeyPEM),
            apiV3Key: account.apiV3Key,
            publicKeys: [WeChatPayPublicKey(id: account.publicKeyID, pem: account.publicKeyPEM)])
        let client = try WeChatPay.Client(merchant: merchant, transport: NoTransport())
        let platform = try PlayedPlatform(account)
        let order = PaidOrder(
            appid: account.appid, outTradeNo: "1217752501201407033233368018", total: 888, openid: "oSandboxBuyer000000000000001")
        let small = try platform.notification(about: order, withPromotion: false)
        let large = try platform.notification(about: order, withPromotion: true)
        let (smallFields, largeFields) = (small.fields, large.fields)
        let fastest = try Self.fastestSigner(account.privateKeyPEM)
        let signed = Array("POST\n/v3/pay/transactions/jsapi\n1767225600\nnonce\n".utf8) + small.body + [0x0A]

        var rates: [Rates] = []
        for round in 1...Self.rounds {
            let openssl = try await onThread { try OpenSSLSpeed.measure() }
            let one = try await rate { _ = try await client.notifications.parse(headers: smallFields, body: small.body) }
            let two = try await rate { _ = try await client.notifications.parse(headers: largeFields, body: large.body) }
            let ours = try await rate { _ = try merchant.privateKey.signature(for: signed) }
            let fast = try await rate { _ = try fastest.signature(for: signed) }
            rates.append(
                Rates(verify: openssl.verify, sign: openssl.sign, small: one, large: two, ours: ours, fastest: fast))
            say(
                """
                round \(round): openssl verify \(perSecond(openssl.verify)), sign \(perSecond(openssl.sign)); notification of \
                \(small.body.count) bytes \(perSecond(one)), of \(large.body.count) bytes \(perSecond(two)); sign \(perSecond(ours)), \
                as the command does \(perSecond(fast))
                """)
        }
        let (verify, sign) = (median(rates.map(\.verify)), median(rates.map(\.sign)))
        func add(_ what: String, _ rate: KeyPath<Rates, Double>) {
            report.add(
                what, perSecond(median(rates.map { $0[keyPath: rate] })), of: "openssl verify \(perSecond(verify))",
                ratio: median(rates.map { $0[keyPath: rate] / $0.verify }))
        }
        add("notification of \(small.body.count) bytes, one core", \.small)
        add("notification of \(large.body.count) bytes, one core", \.large)
        report.add(
            "v3 sign with swift-crypto, one core", perSecond(median(rates.map(\.ours))), of: "openssl sign \(perSecond(sign))",
            ratio: median(rates.map { $0.ours / $0.sign }))
        report.add(
            "v3 sign as the command does, one core", perSecond(median(rates.map(\.fastest))),
            of: "openssl sign \(perSecond(sign))", ratio: median(rates.map { $0.fastest / $0.sign }), atLeast: Self.signTarget)
    }

    /// Operations per second of CPU time, in one round.
    private struct Rates {
        let verify, sign, small, large, ours, fastest: Double
    }

    #if os(Linux)
        private static let signTarget: Double? = 0.9

        private static func fastestSigner(_ pem: String) throws -> any RSASigner { try OpenSSLPrivateKey(pem: pem) }
    #else
        private static let signTarget: Double? = nil

        private static func fastestSigner(_ pem: String) throws -> any RSASigner { try MerchantPrivateKey(pem: pem) }
    #endif

    /// Runs `body` for a while after a warm-up; operations per second of this process's CPU time.
    private func rate(_ body: () async throws -> Void) async throws -> Double {
        for _ in 0..<200 { try await body() }
        let start = Self.cpuSeconds()
        var count = 0
        var spent = 0.0
        while spent < Self.seconds {
            for _ in 0..<100 { try await body() }
            count += 100
            spent = Self.cpuSeconds() - start
        }
        return Double(count) / spent
    }

    private static func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// Nothing is sent here: every key is known.
private struct NoTransport: Transport {
    func send(_ request: TransportRequest, deadline: Duration) async throws -> TransportResponse {
        throw BenchmarkFailure("nothing should have been sent")
    }
}

/// `openssl speed rsa2048`: what the machine can do.
enum OpenSSLSpeed {
    static func measure() throws -> (sign: Double, verify: Double) {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl", "speed", "-seconds", "2", "rsa2048"]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard let rates = parse(text) else {
            throw BenchmarkFailure(
                "`openssl speed -seconds 2 rsa2048` said something unexpected (is openssl installed?): \(text)")
        }
        return rates
    }

    /// `rsa 2048 bits 0.000358s 0.000019s 2794.9 51700.2`: times, of which newer versions have more, then rates.
    static func parse(_ text: String) -> (sign: Double, verify: Double)? {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.starts(with: ["rsa", "2048", "bits"]) else { continue }
            let rates = words.dropFirst(3).filter { !$0.hasSuffix("s") }.compactMap { Double($0) }
            guard rates.count >= 2 else { return nil }
            return (rates[0], rates[1])
        }
        return nil
    }
}
