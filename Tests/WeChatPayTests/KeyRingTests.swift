import HTTPTypes
import Testing

@testable import WeChatPay

@Suite("Key ring")
struct KeyRingTests {
    private let clock = JumpingClock()
    private var platform: Platform { Platform(clock: clock) }
    private var next: Platform { Platform(clock: clock, key: Platform.next, serial: Fixtures.nextSerial) }
    private var publicKeyPlatform: Platform { Platform(clock: clock, key: Platform.next, serial: Fixtures.publicKeyID) }
    private static let both = [
        (serial: Fixtures.currentSerial, pem: Fixtures.currentCertificate),
        (serial: Fixtures.nextSerial, pem: Fixtures.nextCertificate),
    ]

    @Test("without any key the certificates are downloaded first, once, and verify their own answer")
    func firstDownload() async throws {
        let platform = platform
        let transport = ScriptedTransport { request, _ in
            request.head.path == "/v3/certificates"
                ? try platform.certificates([(Fixtures.currentSerial, Fixtures.currentCertificate)])
                : platform.answer(200, orderJSON())
        }
        let client = try testClient(transport, clock: clock, certificates: [])
        #expect(client.certificates.known.isEmpty)
        _ = try await client.transactions.query(outTradeNo: "order_1234")
        _ = try await client.transactions.query(outTradeNo: "order_1234")
        #expect(
            transport.paths == ["/v3/certificates"]
                + Array(repeating: "/v3/pay/transactions/out-trade-no/order_1234?mchid=1900000001", count: 2))
        #expect(client.certificates.known == [Fixtures.currentSerial])
    }

    @Test("without any key, and without a download, nothing is sent")
    func noKey() async throws {
        let transport = ScriptedTransport { _, _ in unsigned(503, "") }
        let client = try testClient(transport, clock: clock, certificates: [])
        let error = await failure { try await client.transactions.close(outTradeNo: "order_1234") }
        #expect(error?.code == .refused)
        #expect(error?.advice == .sendAgain)
        #expect(transport.paths == ["/v3/certificates", "/v3/certificates"])
    }

    @Test("a download that is opened with the right key but signed by somebody else is refused")
    func forgedList() async throws {
        var forger = platform
        forger.key = Platform.merchant
        let answer = try forger.certificates([(Fixtures.currentSerial, Fixtures.currentCertificate)])
        let client = try testClient(ScriptedTransport { _, _ in answer }, clock: clock, certificates: [])
        #expect(await code { try await client.certificates.refresh() } == .signatureInvalid)
        #expect(client.certificates.known.isEmpty)
    }

    @Test(
        "a list that cannot be opened, is empty, expired or mislabelled changes nothing",
        arguments: ["wrong key", "empty", "expired", "mislabelled", "no JSON", "unsigned"])
    func badList(_ kind: String) async throws {
        let platform = platform
        let transport = ScriptedTransport { _, _ in
            switch kind {
            case "wrong key":
                try platform.certificates(
                    [(Fixtures.currentSerial, Fixtures.currentCertificate)], key: String(repeating: "k", count: 32))
            case "empty": try platform.certificates([])
            case "expired": try platform.certificates([(Fixtures.currentSerial, Fixtures.expiredCertificate)])
            case "mislabelled": try platform.certificates([(Fixtures.nextSerial, Fixtures.currentCertificate)])
            case "no JSON": platform.answer(200, "<html>")
            default: unsigned(200, "{\"data\":[]}")
            }
        }
        let expected: [String: WeChatPayError.Code] = [
            "wrong key": .decryptionFailed, "empty": .malformed, "expired": .unknownPlatformKey, "mislabelled": .malformed,
            "no JSON": .malformed, "unsigned": .signatureMissing,
        ]
        let client = try testClient(transport, clock: clock, certificates: [])
        #expect(await code { try await client.certificates.refresh() } == expected[kind])
        #expect(client.certificates.known.isEmpty)
    }

    @Test("a new certificate is fetched when something is signed with it, and the old one stays")
    func rotation() async throws {
        let platform = platform
        let transport = ScriptedTransport { _, _ in try platform.certificates(Self.both) }
        let client = try testClient(transport, clock: clock)
        let body = try platform.notification(orderJSON())
        _ = try await client.notifications.parse(headers: next.headers(body), body: body)
        #expect(client.certificates.known == [Fixtures.nextSerial, Fixtures.currentSerial])
        _ = try await client.notifications.parse(headers: platform.headers(body), body: body)
        #expect(transport.requests.count == 1)
    }

    @Test("a list without the old certificate takes it away only when it has expired")
    func oldStays() async throws {
        let next = next
        let transport = ScriptedTransport { _, _ in try next.certificates([(Fixtures.nextSerial, Fixtures.nextCertificate)]) }
        let client = try testClient(transport, clock: clock)
        try await client.certificates.refresh()
        #expect(client.certificates.known == [Fixtures.nextSerial, Fixtures.currentSerial])
        clock.advance(by: .seconds(4 * 366 * 86_400 + 86_400 * 60))
        #expect(client.certificates.known == [Fixtures.nextSerial])
    }

    @Test("unknown serials lead to one download a minute, and a failed one takes no key away")
    func throttle() async throws {
        let transport = ScriptedTransport { _, _ in unsigned(404, "") }
        let client = try testClient(transport, clock: clock)
        let body = try platform.notification(orderJSON())
        for _ in 0..<5 {
            let error = await failure { _ = try await client.notifications.parse(headers: next.headers(body), body: body) }
            #expect(error?.code == .unknownPlatformKey)
        }
        #expect(transport.requests.count == 1)
        clock.advance(by: .seconds(59))
        _ = await failure { _ = try await client.notifications.parse(headers: next.headers(body), body: body) }
        #expect(transport.requests.count == 1)
        clock.advance(by: .seconds(1))
        _ = await failure { _ = try await client.notifications.parse(headers: next.headers(body), body: body) }
        #expect(transport.requests.count == 2)
        _ = try await client.notifications.parse(headers: platform.headers(body), body: body)
    }

    @Test("garbage leads to no download at all")
    func noDownloadForGarbage() async throws {
        let client = try testClient(neverCalled, clock: clock)
        let body = try platform.notification(orderJSON())
        var stale = next.headers(body, timestamp: "1600000000")
        #expect(await code { _ = try await client.notifications.parse(headers: stale, body: body) } == .signatureExpired)
        stale = publicKeyPlatform.headers(body)
        let error = await failure { _ = try await client.notifications.parse(headers: stale, body: body) }
        #expect(error?.code == .unknownPlatformKey && error?.underlying == nil)
    }

    @Test("the certificates are downloaded again after the interval; a failure is harmless and not repeated at once")
    func interval() async throws {
        let platform = platform
        let transport = ScriptedTransport { request, _ in
            request.head.path == "/v3/certificates" ? unsigned(404, "") : platform.answer(200, orderJSON())
        }
        let client = try testClient(transport, clock: clock)
        clock.advance(by: .seconds(12 * 3600 - 1))
        _ = try await client.transactions.query(outTradeNo: "order_1234")
        #expect(transport.requests.count == 1)
        clock.advance(by: .seconds(1))
        _ = try await client.transactions.query(outTradeNo: "order_1234")
        _ = try await client.transactions.query(outTradeNo: "order_1234")
        #expect(transport.paths.filter { $0 == "/v3/certificates" }.count == 1)
        clock.advance(by: .seconds(60))
        #expect(await code { try await client.certificates.refreshIfDue() } == .refused)
        #expect(client.certificates.known == [Fixtures.currentSerial])
    }

    @Test("a certificate that ends within ten days is replaced before it does")
    func ending() async throws {
        let platform = platform
        let transport = ScriptedTransport { request, _ in
            request.head.path == "/v3/certificates"
                ? try platform.certificates([
                    (Fixtures.currentSerial, Fixtures.endingCertificate), (Fixtures.nextSerial, Fixtures.nextCertificate),
                ])
                : platform.answer(200, orderJSON())
        }
        let client = try testClient(transport, clock: clock, certificates: [Fixtures.endingCertificate])
        for _ in 0..<3 { _ = try await client.transactions.query(outTradeNo: "order_1234") }
        #expect(transport.paths.filter { $0 == "/v3/certificates" }.count == 1)
        #expect(client.certificates.known == [Fixtures.nextSerial, Fixtures.currentSerial])
    }

    @Test("with public keys only, 404 for the certificates is remembered and hurts nobody")
    func publicKeyOnly() async throws {
        let platform = publicKeyPlatform
        let transport = ScriptedTransport { request, _ in
            request.head.path == "/v3/certificates"
                ? platform.answer(404, "{\"code\":\"RESOURCE_NOT_EXISTS\",\"message\":\"无可用的平台证书\"}")
                : platform.answer(200, orderJSON())
        }
        let client = try testClient(transport, clock: clock, certificates: [], publicKeys: [testPublicKey()])
        _ = try await client.transactions.query(outTradeNo: "order_1234")
        #expect(transport.requests.count == 1)
        #expect(transport.requests[0].head.headerFields[.wechatpaySerial] == Fixtures.publicKeyID)
        try await client.certificates.refresh()
        try await client.certificates.refreshIfDue()
        clock.advance(by: .seconds(13 * 3600))
        _ = try await client.transactions.query(outTradeNo: "order_1234")
        #expect(transport.paths.filter { $0 == "/v3/certificates" }.count == 1)
        #expect(client.certificates.known == [Fixtures.publicKeyID])
        let body = try platform.notification(orderJSON())
        _ = try await client.notifications.parse(headers: platform.headers(body), body: body)
    }

    @Test("both kinds of keys at once: the header chooses")
    func migrating() async throws {
        let client = try testClient(neverCalled, clock: clock, publicKeys: [testPublicKey()])
        let body = try platform.notification(orderJSON())
        _ = try await client.notifications.parse(headers: platform.headers(body), body: body)
        _ = try await client.notifications.parse(headers: publicKeyPlatform.headers(body), body: body)
        var mixed = publicKeyPlatform
        mixed.serial = Fixtures.currentSerial
        #expect(
            await code { _ = try await client.notifications.parse(headers: mixed.headers(body), body: body) } == .signatureInvalid
        )
    }

    @Test("many that need a key at once share one download")
    func singleFlight() async throws {
        let platform = platform
        let gate = Gate()
        let transport = ScriptedTransport { request, _ in
            guard request.head.path == "/v3/certificates" else { return platform.answer(200, orderJSON()) }
            await gate.wait()
            return try platform.certificates(Self.both)
        }
        let client = try testClient(transport, clock: clock, certificates: [])
        try await withThrowingTaskGroup { group in
            for _ in 0..<20 { group.addTask { _ = try await client.transactions.query(outTradeNo: "order_1234") } }
            while client.keys.flight.waiterCount < 19 { await Task.yield() }
            gate.open()
            try await group.waitForAll()
        }
        #expect(transport.paths.filter { $0 == "/v3/certificates" }.count == 1)
        #expect(transport.requests.count == 21)
    }

    @Test("when the one who downloads is cancelled, one of those who wait takes over")
    func cancelledLeader() async throws {
        let flight = SingleFlight()
        let runs = Shared(0)
        let gate = Gate()
        try await withThrowingTaskGroup { group in
            let leader = Gate()
            group.addTask {
                let error = await failure {
                    try await withThrowingTaskGroup { inner in
                        inner.addTask {
                            try await flight.run { () throws(WeChatPayError) in
                                runs.change { $0 += 1 }
                                await leader.wait()
                                if Task.isCancelled { throw WeChatPayError(.transport, "cancelled") }
                            }
                        }
                        await gate.wait()
                        inner.cancelAll()
                        leader.open()
                        try await inner.waitForAll()
                    }
                }
                #expect(error?.code == .transport)
            }
            while !flight.isFlying { await Task.yield() }
            for _ in 0..<5 {
                group.addTask { try await flight.run { () throws(WeChatPayError) in runs.change { $0 += 1 } } }
            }
            while flight.waiterCount < 5 { await Task.yield() }
            gate.open()
            try await group.waitForAll()
        }
        #expect(runs.value >= 2)
        #expect(!flight.isFlying)
        #expect(flight.waiterCount == 0)
    }

    @Test("one who waits and is cancelled leaves at once; the others get the leader's failure")
    func cancelledWaiter() async throws {
        let flight = SingleFlight()
        let gate = Gate()
        await withTaskGroup { group in
            group.addTask {
                let error = await failure {
                    try await flight.run { () throws(WeChatPayError) in
                        await gate.wait()
                        throw WeChatPayError(.timeout, "no answer")
                    }
                }
                #expect(error?.code == .timeout)
            }
            while !flight.isFlying { await Task.yield() }
            await withTaskGroup { inner in
                inner.addTask { #expect(await code { try await flight.run { () throws(WeChatPayError) in } } == .transport) }
                while flight.waiterCount < 1 { await Task.yield() }
                inner.cancelAll()
            }
            #expect(flight.waiterCount == 0)
            group.addTask { #expect(await code { try await flight.run { () throws(WeChatPayError) in } } == .timeout) }
            while flight.waiterCount < 1 { await Task.yield() }
            gate.open()
        }
    }
}
