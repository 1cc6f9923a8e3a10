import AsyncHTTPClient
import Foundation
import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import PaymentPrimitives
import Testing
import WeChatPay

@testable import WeChatPaySandbox

@Suite("HTTPS and the proxy")
struct SecureServerTests {
    /// Runs a server with all three ports while `body` works with it.
    private func withServer(
        _ sandbox: Sandbox, _ identity: SandboxTLS, _ body: @escaping @Sendable (SandboxServer.Ports) async throws -> Void
    ) async throws {
        let (ports, continuation) = AsyncStream.makeStream(of: SandboxServer.Ports.self)
        let server = SandboxServer(
            sandbox: sandbox, port: 0, secure: .init(identity: identity, port: 0, proxyPort: 0),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, onAllReady: { continuation.yield($0) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            group.addTask {
                for await ports in ports { return try await body(ports) }
            }
            try await group.next()
            group.cancelAll()
        }
    }

    private func withClient<Result: Sendable>(
        trusting identity: SandboxTLS?, showing merchant: SandboxMerchant? = nil, proxy: Int? = nil,
        _ body: (HTTPClient) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTPClient.Configuration()
        configuration.tlsConfiguration = .makeClientConfiguration()
        if let identity {
            configuration.tlsConfiguration?.trustRoots = .certificates(
                try NIOSSLCertificate.fromPEMBytes(Array(identity.authorityPEM.utf8)))
        }
        if let merchant {
            configuration.tlsConfiguration?.certificateChain = try NIOSSLCertificate.fromPEMBytes(
                Array(merchant.certificatePEM.utf8)
            ).map { .certificate($0) }
            configuration.tlsConfiguration?.privateKey = .privateKey(
                try NIOSSLPrivateKey(bytes: Array(merchant.privateKeyPEM.utf8), format: .pem))
        }
        configuration.connectionPool.retryConnectionEstablishment = false
        if let proxy { configuration.proxy = .server(host: "127.0.0.1", port: proxy) }
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let result = try await body(client)
            try await client.shutdown()
            return result
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    private func get(
        _ client: HTTPClient, _ url: String, headers: HTTPFields = [:]
    ) async throws -> (status: Int, headers: HTTPHeaders, body: String) {
        var request = HTTPClientRequest(url: url)
        for field in headers { request.headers.add(name: field.name.rawName, value: field.value) }
        let response = try await client.execute(request, timeout: .seconds(10))
        let body = try await response.body.collect(upTo: 1_000_000)
        return (Int(response.status.code), response.headers, String(buffer: body))
    }

    @Test("A client that trusts the authority speaks HTTPS by name and by address, one that does not speaks to nobody")
    func https() async throws {
        let caller = try makeSandbox(clock: ManualClock(SystemClock().now))
        // Real time: the client's TLS library looks at the machine's clock.
        let identity = try SandboxTLS.make()
        try await withServer(caller.sandbox, identity) { ports in
            let tls = try #require(ports.tls)
            try await withClient(trusting: identity) { client in
                for host in ["localhost", "127.0.0.1"] {
                    let answer = try await get(client, "https://\(host):\(tls)/", headers: [.accept: "application/json"])
                    #expect(answer.status == 200)
                    #expect(answer.body.contains("1900000001"))
                }
                // Control calls from this machine are let in here as on the plain port.
                #expect(try await get(client, "https://127.0.0.1:\(tls)/_sandbox/clock").status == 200)
            }
            await #expect(throws: (any Error).self) {
                try await withClient(trusting: nil) { try await get($0, "https://127.0.0.1:\(tls)/") }
            }
        }
    }

    @Test("Through the proxy WeChat's own addresses lead here, with TLS and without")
    func proxy() async throws {
        let caller = try makeSandbox(clock: ManualClock(SystemClock().now))
        let identity = try SandboxTLS.make()
        try await withServer(caller.sandbox, identity) { ports in
            let proxy = try #require(ports.proxy)
            try await withClient(trusting: identity, proxy: proxy) { client in
                let headers = try caller.request("GET", "/v3/certificates").head.headerFields
                for scheme in ["https", "http"] {
                    for host in WeChatHosts.all {
                        let answer = try await get(client, "\(scheme)://\(host)/v3/certificates", headers: headers)
                        #expect(answer.status == 200, "\(scheme)://\(host)")
                        #expect(answer.headers.first(name: "Wechatpay-Signature") != nil)
                    }
                    // Twice on one connection of the client's, as far as it keeps it.
                    #expect(try await get(client, "\(scheme)://api.mch.weixin.qq.com/nothing").status == 404)
                }
            }
        }
    }

    @Test("The proxy refuses every other host and port, and gives nobody the rights of this machine")
    func proxyRefuses() async throws {
        let caller = try makeSandbox(clock: ManualClock(SystemClock().now))
        let identity = try SandboxTLS.make()
        try await withServer(caller.sandbox, identity) { ports in
            let proxy = try #require(ports.proxy)
            try await withClient(trusting: identity, proxy: proxy) { client in
                let refused = [
                    "https://example.com/", "https://localhost:\(ports.tls ?? 0)/", "https://api.weixin.qq.com:22/",
                    "http://example.com/", "http://127.0.0.1:\(ports.http)/", "http://api.mch.weixin.qq.com:22/",
                ]
                // This client asks for a tunnel for plain http too, and does not show what the proxy says.
                for url in refused {
                    await #expect(throws: (any Error).self, "\(url)") { try await get(client, url) }
                }
                // The proxy's own connection comes from loopback, whoever is behind it.
                for scheme in ["https", "http"] {
                    let control = try await get(client, "\(scheme)://api.mch.weixin.qq.com/_sandbox/clock")
                    #expect(control.status == 403)
                }
                let disguised = try await get(
                    client, "https://api.mch.weixin.qq.com/_sandbox/clock",
                    headers: [HTTPField.Name("Host") ?? .accept: "localhost"])
                #expect(disguised.status == 403)
            }
        }
    }

    @Test("A refund by API v2 needs the certificate of the merchant that the body names, with and without the proxy")
    func clientCertificate() async throws {
        let caller = try makeSandbox(clock: ManualClock(SystemClock().now))
        let identity = try SandboxTLS.make()
        let v2 = V2Caller(caller)
        _ = try await v2.place()
        try await caller.sandbox.pay(.outTradeNo("V2ORDER001", mchid: caller.merchant.mchid), openid: caller.openid)
        var fields = [
            "appid": caller.merchant.appid, "mch_id": caller.merchant.mchid, "nonce_str": "n", "out_trade_no": "V2ORDER001",
            "out_refund_no": "R1", "total_fee": "100", "refund_fee": "100",
        ]
        fields["sign"] = V2Caller.sign(fields, v2.key, isHMAC: false)
        let body = v2.body(fields)
        let merchants = caller.sandbox.merchants
        try await withServer(caller.sandbox, identity) { [body] ports in
            for (proxy, origin) in [(nil, "https://127.0.0.1:\(ports.tls ?? 0)"), (ports.proxy, "https://api.mch.weixin.qq.com")]
            {
                func refund(_ merchant: SandboxMerchant?) async throws -> (Int, String) {
                    try await withClient(trusting: identity, showing: merchant, proxy: proxy) { client in
                        var request = HTTPClientRequest(url: origin + "/secapi/pay/refund")
                        request.method = .POST
                        request.body = .bytes(ByteBuffer(string: body))
                        let response = try await client.execute(request, timeout: .seconds(10))
                        return (Int(response.status.code), String(buffer: try await response.body.collect(upTo: 100_000)))
                    }
                }
                let none = try await refund(nil)
                #expect(none.0 == 400 && none.1.contains("No required SSL certificate was sent"))
                #expect(try await refund(merchants[1]).1.contains("证书验证失败"))
                let own = try await refund(merchants[0]).1
                #expect(own.contains("<result_code><![CDATA[SUCCESS]]>"), "\(own)")
                // A key that is no merchant's does not get through the handshake.
                var stranger = merchants[0]
                stranger.privateKeyPEM = try KeyMaker.privateKeyPEM()
                let maker = try KeyMaker(random: SeededRandom(1), now: SystemClock().now)
                stranger.certificatePEM = try maker.certificatePEM(
                    for: stranger.privateKeyPEM, commonName: stranger.mchid, organization: "Sandbox merchant")
                await #expect(throws: (any Error).self) { try await refund(stranger) }
            }
        }
    }
}
