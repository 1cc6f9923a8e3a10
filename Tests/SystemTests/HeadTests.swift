import Foundation
import Testing

@Suite("HEAD")
struct HeadTests {
    @Test("is answered without a body, so that the next answer on the connection is its own")
    func noBody() async throws {
        try await RunningSystem.run { system in
            let port = system.port
            for path in ["/healthz", "/v1/payments", "/shop/orders/1/pay", "/nothing"] {
                let heard = try await RawConnection.within(.seconds(8)) {
                    try await RawConnection.talk(
                        port: port,
                        "HEAD \(path) HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                }
                let answers = try #require(heard).components(separatedBy: "HTTP/1.1 ")
                #expect(answers.count == 3)
                #expect(answers.dropFirst().first?.hasSuffix("\r\n\r\n") == true, "\(answers)")
                #expect(answers.last?.hasPrefix("200") == true)
            }
            #expect(try await system.web.send("HEAD", "/healthz").status == 200)
        }
    }
}
