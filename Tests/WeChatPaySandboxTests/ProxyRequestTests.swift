import Testing

@testable import WeChatPaySandbox

@Suite("What the proxy makes of a request")
struct ProxyRequestTests {
    private func judge(_ lines: String...) -> ProxyRequest {
        .judge(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
    }

    private func status(_ request: ProxyRequest) -> Int? {
        guard case .refuse(let status, _, _) = request else { return nil }
        return status
    }

    @Test(
        "A tunnel is made to WeChat's own hosts, in any case of letters, on 443 and 80",
        arguments: [
            ("api.mch.weixin.qq.com:443", true), ("api2.mch.weixin.qq.com:443", true), ("api.weixin.qq.com:443", true),
            ("api.wechatpay.cn:443", true), ("api2.wechatpay.cn:443", true), ("API.MCH.WEIXIN.QQ.COM:443", true),
            ("api.mch.weixin.qq.com:80", false),
        ])
    func tunnels(_ target: String, _ isSecure: Bool) {
        #expect(judge("CONNECT \(target) HTTP/1.1", "Host: \(target)") == .tunnel(isSecure: isSecure))
        #expect(judge("CONNECT \(target) HTTP/1.0") == .tunnel(isSecure: isSecure))
    }

    @Test(
        "Any other target of a tunnel is refused, however it is spelt",
        arguments: [
            "example.com:443", "api.mch.weixin.qq.com.evil.example:443", "evil-api.mch.weixin.qq.com:443",
            "evil.example.api.mch.weixin.qq.com:443", "api.mch.weixin.qq.com.:443", "api.mch.weixin.qq.com:22",
            "api.mch.weixin.qq.com:8443", "api.mch.weixin.qq.com", "api.mch.weixin.qq.com:", "api.mch.weixin.qq.com:0443",
            "api.mch.weixin.qq.com:443:443", "user@api.mch.weixin.qq.com:443", "api.mch.weixin.qq.com:443@evil.example:443",
            "api.mch.weixin.qq.com%2eevil.example:443", "127.0.0.1:443", "[::1]:443", "localhost:443", "2130706433:443",
            "169.254.169.254:80", ":443", "https://api.mch.weixin.qq.com:443", "api.mch.weixin.qq.com:443/", "*", "/",
            "api.mch.weixin.qq.com:+443", "weixin.qq.com:443", "ａpi.mch.weixin.qq.com:443",
        ])
    func refusesTunnels(_ target: String) {
        #expect(status(judge("CONNECT \(target) HTTP/1.1")) == 403, "\(target)")
    }

    @Test("A tunnel whose Host header says something else is refused")
    func otherHostOfTunnel() {
        #expect(status(judge("CONNECT api.mch.weixin.qq.com:443 HTTP/1.1", "Host: evil.example")) == 403)
        #expect(status(judge("CONNECT api.mch.weixin.qq.com:443 HTTP/1.1", "Host: api.wechatpay.cn:443")) == 403)
        #expect(status(judge("CONNECT api.mch.weixin.qq.com:443 HTTP/1.1", "Host: api.mch.weixin.qq.com:80")) == 403)
        #expect(judge("CONNECT api.mch.weixin.qq.com:443 HTTP/1.1", "Host: API.mch.weixin.qq.com") == .tunnel(isSecure: true))
    }

    @Test("A request in absolute form becomes one in origin form, alone on its connection")
    func absoluteForm() {
        let request = judge(
            "POST http://API.mch.weixin.qq.com/v3/x?a=%2A HTTP/1.1", "Host: api.mch.weixin.qq.com:80",
            "Proxy-Authorization: Basic c2VjcmV0", "Proxy-Connection: keep-alive", "Connection: keep-alive",
            "Authorization: WECHATPAY2 x", "Content-Length: 3")
        #expect(
            request
                == .forward(
                    head: Array(
                        "POST /v3/x?a=%2A HTTP/1.1\r\nHost: api.mch.weixin.qq.com\r\nAuthorization: WECHATPAY2 x\r\nContent-Length: 3\r\nConnection: close\r\n\r\n"
                            .utf8)))
        #expect(
            judge("GET http://api.wechatpay.cn:443?a=b HTTP/1.1")
                == .forward(
                    head: Array("GET /?a=b HTTP/1.1\r\nHost: api.wechatpay.cn:443\r\nConnection: close\r\n\r\n".utf8)))
    }

    @Test(
        "A request in absolute form for anything else is refused",
        arguments: [
            "http://example.com/", "http://api.mch.weixin.qq.com.evil.example/", "http://api.mch.weixin.qq.com./",
            "http://api.mch.weixin.qq.com:22/", "http://user:word@api.mch.weixin.qq.com/",
            "http://api.mch.weixin.qq.com@evil.example/", "http://api.mch.weixin.qq.com\\@evil.example/",
            "http://evil.example#api.mch.weixin.qq.com/", "http://api.mch.weixin.qq.com#@evil.example/", "http:///v3",
            "http://127.0.0.1/", "http://[::1]/", "http://169.254.169.254/latest/meta-data",
        ])
    func refusesForwards(_ target: String) {
        #expect(status(judge("GET \(target) HTTP/1.1")) == 403, "\(target)")
    }

    @Test("A Host header that names another host than the target is refused")
    func otherHost() {
        #expect(status(judge("GET http://api.mch.weixin.qq.com/ HTTP/1.1", "Host: evil.example")) == 403)
        #expect(status(judge("GET http://api.mch.weixin.qq.com/ HTTP/1.1", "Host: api.wechatpay.cn")) == 403)
        let twice = judge("GET http://api.mch.weixin.qq.com/ HTTP/1.1", "Host: api.mch.weixin.qq.com", "host: evil.example")
        #expect(status(twice) == 400)
    }

    @Test("What is no clean head is refused")
    func unclean() {
        for line in [
            "GET / HTTP/1.1", "GET https://api.mch.weixin.qq.com/ HTTP/1.1", "GET  http://api.mch.weixin.qq.com/ HTTP/1.1",
            "GET http://api.mch.weixin.qq.com/ HTTP/2.0", "GET http://api.mch.weixin.qq.com/", "hello", "",
            "G@T http://api.mch.weixin.qq.com/ HTTP/1.1", "GET http://api.mch.weixin.qq.com/\n HTTP/1.1",
            "GET http://api.mch.weixin.qq.com/\0 HTTP/1.1",
        ] { #expect(status(judge(line)) == 400, "\(line)") }
        let good = "GET http://api.mch.weixin.qq.com/ HTTP/1.1"
        for field in ["Host : api.mch.weixin.qq.com", " folded: x", "nothing", "a: b\rc: d", "a: b\nHost: evil.example", ": x"] {
            #expect(status(judge(good, field)) == 400, "\(field)")
        }
        #expect(status(.judge(Array("GET http://api.mch.weixin.qq.com/ HTTP/1.1\r\n".utf8))) == 400)
        #expect(status(judge(good, "a: " + String(repeating: "b", count: ProxyRequest.headLimit))) == 400)
        guard case .refuse(_, _, let text) = judge("CONNECT example.com:443 HTTP/1.1") else {
            Issue.record("not refused")
            return
        }
        #expect(text.contains("“example.com:443”"))
        #expect(text.contains("api2.wechatpay.cn"))
    }
}
