import Testing

@testable import PaymentServer

@Suite("Where a webhook may be sent")
struct WebhookAddressTests {
    @Test(
        "Addresses of this machine, of its networks and of nobody are refused",
        arguments: [
            "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254",
            "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1",
            "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
            "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
            "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:1::1", "2001:db8::1", "2002:7f00:1::1",
            "2002:a00:1::", "3fff::1", "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1", "5f00::1", "4000::1",
        ])
    func refused(_ address: String) {
        #expect(WebhookAddress.isPublic(address) == false)
    }

    @Test(
        "Addresses of the public internet are not",
        arguments: [
            "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
            "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",
            "198.20.0.0", "223.255.255.255", "::ffff:8.8.8.8", "2001:200::1", "2400:3200::1", "2606:4700:4700::1111",
            "2a00:1450:4001::1",
        ])
    func taken(_ address: String) {
        #expect(WebhookAddress.isPublic(address) == true)
    }

    @Test("What is no address is neither", arguments: ["", "localhost", "2130706433", "127.1", "0x7f.0.0.1", "example.com"])
    func none(_ text: String) {
        #expect(WebhookAddress.isPublic(text) == nil)
    }

    @Test(
        "However this machine is written, it is refused where private addresses are",
        arguments: ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f000001", "127.1", "localhost", "0.0.0.0"])
    func disguised(_ host: String) async throws {
        let target = try Target("https://\(host)/hook")
        await #expect(throws: Target.Refusal.self) { _ = try await target.address(allowingPrivate: false, attempt: 1) }
    }

    @Test("Plain http reaches this machine and no other, even where private addresses are allowed")
    func plain() async throws {
        #expect(try await Target("http://127.0.0.1:1/a").address(allowingPrivate: true, attempt: 1).text == "127.0.0.1")
        let far = try Target("http://10.0.0.1/a")
        await #expect(throws: Target.Refusal.self) { _ = try await far.address(allowingPrivate: true, attempt: 1) }
        #expect(try await Target("https://10.0.0.1/a").address(allowingPrivate: true, attempt: 1).text == "10.0.0.1")
        #expect(try await Target("https://8.8.8.8/a").address(allowingPrivate: false, attempt: 7).text == "8.8.8.8")
    }

    @Test("What is shown of a URL has no query")
    func shown() {
        #expect(Target.shown("https://a.example/hook?token=s3cret") == "https://a.example/hook")
        #expect(throws: Target.Refusal.self) { try Target("ftp://a.example/") }
        #expect(throws: Target.Refusal.self) { try Target("/hook") }
    }
}
