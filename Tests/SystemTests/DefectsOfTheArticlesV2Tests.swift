import Foundation
import PaymentPrimitives
import Testing
import WeChatPay
import WeChatPaySandbox

/// Of the defects in the code of article 001, which speaks API v2, those that the XML and its signatures bring with them.
///
/// | article | defect | shown by |
/// |---|---|---|
/// | 001 | HMAC key is a constant, always MD5 | `HostileV2Tests`: both algorithms, each refusing the other |
/// | 001 | values URL-decoded before signing, empty values signed | `signsWhatItSends` |
/// | 001 | `timeStamp` a number in ms, `signType` not the order's | `handOff` |
/// | 001 | reply's codes and sign unchecked, prepay_id read without the XML root | `replies` |
/// | 001 | no result_code, amount, appid or mch_id check | rows 19 and 33 to 45 in `V2NotificationAttack` |
/// | 001 | booked twice | row 47 in `HostileV2Tests` |
/// | 001 | `attach` spread over columns, zone-less time | `attach` |
/// | 001 | unhardened XML | rows 27 to 32 in `V2NotificationAttack` |
@Suite("Defects of the articles: API v2", .serialized)
struct DefectsOfTheArticlesV2Tests {
    private static func options(_ type: ForgedXML.Kind) -> RunningSystem.Options {
        var options = RunningSystem.Options()
        options.v2 = .init(type: type)
        return options
    }

    @Test("001: what is signed is what is sent: no value is decoded, no empty one is there", arguments: ForgedXML.Kind.allCases)
    func signsWhatItSends(_ type: ForgedXML.Kind) async throws {
        try await RunningSystem.run(Self.options(type)) { system in
            let attach = "a%20b+c&d=e ]]> <茶>"
            let number = system.number()
            let made = try await system.createPayment(
                MadePayment.body(system, number, total: 100, more: #","attach":"\#(attach)""#), key: number)
            #expect(made.status == 201, "\(made.text)")
            // Who answers has checked the signature with a writer of its own.
            let order = try #require(system.v2.placed.last)
            #expect(order["out_trade_no"] == number && order["total_fee"] == "100")
            #expect(order["sign_type"] == (type == .hmac ? "HMAC-SHA256" : nil))
            #expect(order["notify_url"] == "https://pay.example.com/notify/v2/demo")
            #expect(order.fields.allSatisfy { !$0.value.isEmpty })
            #expect(order["attach"] == attach)
        }
    }

    @Test("001: timeStamp is text in seconds, and signType the order's own algorithm", arguments: ForgedXML.Kind.allCases)
    func handOff(_ type: ForgedXML.Kind) async throws {
        try await RunningSystem.run(Self.options(type)) { system in
            var nonces: Set<String> = []
            for _ in 0..<5 {
                let number = system.number()
                let made = try await system.createPayment(MadePayment.body(system, number, total: 100), key: number)
                #expect(made.string("payment.channel") == "v2", "\(made.text)")
                func client(_ name: String) throws -> String { try #require(made.string("client.\(name)"), "\(made.text)") }
                let time = try client("timeStamp")
                #expect(abs((Int64(time) ?? 0) - SystemClock().now.seconds) < 60)
                #expect(try client("signType") == type.rawValue)
                #expect(try client("package") == "prepay_id=wx2026\(number)")
                let signed = ForgedXML([
                    ("appId", system.merchant.appid), ("timeStamp", time), ("nonceStr", try client("nonceStr")),
                    ("package", try client("package")), ("signType", try client("signType")),
                ])
                #expect(try client("paySign") == signed.sign(type))
                nonces.insert(try client("nonceStr"))
            }
            #expect(nonces.count == 5)
        }
    }

    @Test("001: a reply is believed only with both codes, a fitting signature and a prepay_id of its own")
    func replies() async throws {
        try await RunningSystem.run(Self.options(.hmac)) { system in
            let spoilers: [(String, V2WeChat.Spoil)] = [
                ("unsigned", { answer, _ in answer.text }),
                ("the other algorithm", { answer, type in answer.signed(type.other) }),
                ("another key", { answer, type in answer.signed(type, key: String(repeating: "k", count: 32)) }),
                ("changed", { answer, type in answer.signed(type).replacing("wx2026", with: "wx2027") }),
                ("no return_code", { answer, type in Self.with(answer, "return_code", nil).signed(type) }),
                ("return_code FAIL", { answer, type in Self.with(answer, "return_code", "FAIL").signed(type) }),
                ("no result_code", { answer, type in Self.with(answer, "result_code", nil).signed(type) }),
                ("no prepay_id", { answer, type in Self.with(answer, "prepay_id", nil).signed(type) }),
                ("another merchant's", { answer, type in Self.with(answer, "mch_id", "1900000002").signed(type) }),
                ("another root", { answer, type in answer.signed(type).replacing("xml>", with: "html>") }),
                ("no XML", { _, _ in #"{"prepay_id":"wx1"}"# }),
            ]
            for (name, spoil) in spoilers {
                system.v2.answer(spoil)
                let number = system.number()
                let body = MadePayment.body(system, number, total: 100)
                let made = try await system.createPayment(body, key: number)
                #expect(made.status == 503 && !made.text.contains("wx20"), "\(name): \(made.text)")
                #expect(try await system.rows.booked(outTradeNo: number).state == "created", "\(name)")
                system.v2.answer(nil)
                #expect(try await system.createPayment(body, key: number).status == 201, "\(name)")
            }
            // A refusal that is signed is one.
            system.v2.answer { answer, type in
                var refusal = Self.with(answer, "result_code", "FAIL")
                refusal["err_code"] = "NOAUTH"
                refusal["prepay_id"] = nil
                return refusal.signed(type)
            }
            let number = system.number()
            let refused = try await system.createPayment(MadePayment.body(system, number, total: 100), key: number)
            #expect(refused.string("code") == "refused_by_wechat", "\(refused.text)")
            #expect(refused.string("wechat_code") == "NO_AUTH" || refused.string("wechat_code") == "NOAUTH")
        }
    }

    private static func with(_ document: ForgedXML, _ name: String, _ value: String?) -> ForgedXML {
        var document = document
        document[name] = value
        return document
    }

    @Test("001: attach comes back as it was given and names no column; time_end is Beijing's")
    func attach() async throws {
        try await RunningSystem.run(Self.options(.md5)) { system in
            let number = system.number()
            let attach = "status=paid&total=1"
            let made = try await system.createPayment(
                MadePayment.body(system, number, total: 100, more: #","attach":"\#(attach)""#), key: number)
            let id = try #require(made.string("payment.id"), "\(made.text)")
            var document = ForgedXML.success(system, MadePayment(id: id, outTradeNo: number, total: 100))
            document["attach"] = "state=closed&total=1"
            document["status"] = "closed"
            document["state"] = "closed"
            #expect(try await system.notifyV2(document.signed(.md5).utf8).status == 200)
            let stored = try await system.web.get("/v1/payments/\(id)", token: system.apiKey)
            #expect(stored.string("payment.attach") == attach)
            #expect(stored.string("payment.state") == "paid")
            #expect(stored.integer("payment.amount.total") == 100)
            #expect(stored.string("payment.success_time") == "2026-01-31T18:00:00+08:00")
        }
    }
}
