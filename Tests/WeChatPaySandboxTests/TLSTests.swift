import Foundation
import PaymentPrimitives
import Testing

@testable import WeChatPaySandbox

@Suite("The sandbox's own certificate authority")
struct TLSTests {
    private func folder() throws -> URL {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("sandbox-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url
    }

    private func mode(_ url: URL, _ name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: url.appendingPathComponent(name).path)[.posixPermissions] as? Int
    }

    @Test("It is made once, keys are for their owner only, and what is good is kept")
    func keeps() throws {
        let url = try folder()
        defer { try? FileManager.default.removeItem(at: url) }
        let clock = ManualClock()
        let first = try SandboxTLS.open(url.path, random: SeededRandom(1), clock: clock)
        #expect(try mode(url, "ca.pem") == 0o644)
        #expect(try mode(url, "server_cert.pem") == 0o644)
        #expect(try mode(url, "ca_key.pem") == 0o600)
        #expect(try mode(url, "server_key.pem") == 0o600)
        let second = try SandboxTLS.open(url.path, random: SeededRandom(2), clock: clock)
        #expect(second.authorityPEM == first.authorityPEM)
        #expect(second.certificatePEM == first.certificatePEM)
        #expect(second.privateKeyPEM == first.privateKeyPEM)
        _ = try second.serverConfiguration()
    }

    @Test("The server certificate is renewed before it expires, the authority only when its own end is near")
    func renews() throws {
        let url = try folder()
        defer { try? FileManager.default.removeItem(at: url) }
        let clock = ManualClock()
        let first = try SandboxTLS.open(url.path, random: SeededRandom(1), clock: clock)
        clock.advance(by: .seconds(360 * 86_400))
        let kept = try SandboxTLS.open(url.path, random: SeededRandom(2), clock: clock)
        #expect(kept.certificatePEM == first.certificatePEM)
        clock.advance(by: .seconds(10 * 86_400))
        let renewed = try SandboxTLS.open(url.path, random: SeededRandom(3), clock: clock)
        #expect(renewed.certificatePEM != first.certificatePEM)
        #expect(renewed.authorityPEM == first.authorityPEM)
        clock.advance(by: .seconds(9 * 365 * 86_400))
        let anew = try SandboxTLS.open(url.path, random: SeededRandom(4), clock: clock)
        #expect(anew.authorityPEM != first.authorityPEM)
        #expect(try mode(url, "ca_key.pem") == 0o600)
    }

    @Test("A server certificate of another authority is replaced; an authority without its key is an error")
    func fits() throws {
        let url = try folder()
        defer { try? FileManager.default.removeItem(at: url) }
        let clock = ManualClock()
        let first = try SandboxTLS.open(url.path, random: SeededRandom(1), clock: clock)
        let other = try SandboxTLS.make(random: SeededRandom(9), clock: clock)
        try other.certificatePEM.write(to: url.appendingPathComponent("server_cert.pem"), atomically: false, encoding: .utf8)
        let replaced = try SandboxTLS.open(url.path, random: SeededRandom(2), clock: clock)
        #expect(replaced.certificatePEM != other.certificatePEM)
        #expect(replaced.authorityPEM == first.authorityPEM)
        try FileManager.default.removeItem(at: url.appendingPathComponent("ca_key.pem"))
        let error = #expect(throws: SandboxError(.invalidSetup, "")) { try SandboxTLS.open(url.path, clock: clock) }
        #expect(error?.message.contains("ca_key.pem is missing") == true)
        try other.authorityKeyPEM.write(to: url.appendingPathComponent("ca_key.pem"), atomically: false, encoding: .utf8)
        #expect(throws: SandboxError(.invalidSetup, "")) { try SandboxTLS.open(url.path, clock: clock) }
    }
}
