import Foundation
import PaymentPrimitives
import Testing
import WeChatPaySandbox

/// A row of the hostile world that a buyer, or a merchant's system, sends.
struct ShopAttack: Sendable, CustomTestStringConvertible {
    let row: Int
    let name: String
    var statuses = 400...499
    /// Gets an open order of the buyer's, and sends.
    let send: @Sendable (Buyer, ShopOrder) async throws -> [WebAnswer]

    var testDescription: String { "row \(row): \(name)" }

    private static func calls(
        _ row: Int, _ name: String, statuses: ClosedRange<Int> = 400...499,
        _ calls:
            @escaping @Sendable (Buyer, ShopOrder) async throws -> [(method: String, path: String, token: String, body: String?)]
    ) -> Self {
        Self(row: row, name: name, statuses: statuses) { buyer, order in
            var answers: [WebAnswer] = []
            for call in try await calls(buyer, order) {
                answers.append(
                    try await buyer.system.web.send(
                        call.method, call.path,
                        headers: WebClient.bearer(call.token) + [("Content-Type", "application/json")],
                        body: call.body.map { Array($0.utf8) }))
            }
            return answers
        }
    }

    static let all: [Self] = [
        calls(56, "the client sets the price") { buyer, order in
            let orders = [
                #"{"items":[{"sku":"apple","quantity":1,"price":1}]}"#,
                #"{"items":[{"sku":"apple","quantity":1,"price_fen":1}]}"#,
                #"{"items":[{"sku":"apple","quantity":1}],"amount":{"total":1,"currency":"CNY"}}"#,
                #"{"items":[{"sku":"apple","quantity":1}],"total":1}"#,
                #"{"items":[{"sku":"apple","quantity":1}],"totalFee":0.01}"#,
                #"{"items":[{"sku":"apple","quantity":1}],"openid":"oSandboxBuyer000000000000002"}"#,
                #"{"items":[{"sku":"apple","quantity":1}],"out_trade_no":"MYNUMBER0001"}"#,
            ]
            return orders.map { ("POST", "/shop/orders", buyer.token, $0) } + [
                ("POST", "/shop/orders/\(order.id)/pay", buyer.token, #"{"total":1}"#),
                ("POST", "/shop/orders/\(order.id)/pay", buyer.token, #"{"method":"mini_program","amount":{"total":1}}"#),
            ]
        },
        calls(56, "the client makes the sum small by its quantities") { buyer, _ in
            let quantities = [
                "0", "-1", "100", "9223372036854775807", "9223372036854775808", "1.0", "1e0", "0.01", #""1""#, "null",
            ]
            return quantities.map { ("POST", "/shop/orders", buyer.token, #"{"items":[{"sku":"apple","quantity":\#($0)}]}"#) } + [
                (
                    "POST", "/shop/orders", buyer.token,
                    #"{"items":[{"sku":"apple","quantity":99},{"sku":"apple","quantity":99}]}"#
                ),
                ("POST", "/shop/orders", buyer.token, #"{"items":[]}"#),
                ("POST", "/shop/orders", buyer.token, #"{"items":[{"sku":"nothing","quantity":1}]}"#),
            ]
        },
        calls(57, "the client says that it has paid") { buyer, order in
            let path = "/shop/orders/\(order.id)"
            return [
                ("POST", path + "/sync", buyer.token, #"{"state":"paid"}"#),
                ("POST", path + "/sync", buyer.token, #"{"errMsg":"requestPayment:ok"}"#),
                ("POST", path + "/cancel", buyer.token, #"{"state":"fulfilled"}"#),
                ("POST", path + "/pay", buyer.token, #"{"paid":true}"#),
                ("POST", path + "/paid", buyer.token, "{}"), ("POST", path, buyer.token, #"{"state":"paid"}"#),
                ("PUT", path, buyer.token, #"{"state":"paid"}"#), ("PATCH", path, buyer.token, #"{"state":"paid"}"#),
                ("POST", "/v1/payments", buyer.token, "{}"),
            ]
        },
        Self(row: 57, name: "a merchant's system says that it was paid") { buyer, _ in
            let system = buyer.system
            let body = MadePayment.body(system, system.number(), total: 100, more: #","state":"paid","transaction_id":"1""#)
            return [try await system.createPayment(body, key: system.number())]
        },
        calls(58, "GET, HEAD and DELETE change nothing") { buyer, order in
            let system = buyer.system
            let id = try #require(
                try await system.rows.paymentID(order.outTradeNo))
            let shop = ["pay", "sync", "cancel"].map { ("/shop/orders/\(order.id)/\($0)", buyer.token) }
            let api = ["sync", "close"].map { ("/v1/payments/\(id)/\($0)", system.apiKey) }
            return ["GET", "HEAD", "DELETE"].flatMap { method in (shop + api).map { (method, $0.0, $0.1, nil) } }
                + [("GET", "/notify/v3/demo", buyer.token, nil), ("GET", "/shop/login?code=1", buyer.token, nil)]
        },
        calls(59, "another user's order is not there", statuses: 404...404) { buyer, order in
            let other = try await Buyer(buyer.system, user: 1)
            let path = "/shop/orders/\(order.id)"
            return [("GET", path, other.token, nil)]
                + ["pay", "sync", "cancel"].flatMap {
                    [("POST", "\(path)/\($0)", other.token, nil), ("POST", "\(path)/\($0)", other.token, "{}")]
                }
        },
        calls(59, "an order without a session, or with a wrong one, is not told", statuses: 401...401) { buyer, order in
            let path = "/shop/orders/\(order.id)"
            let wrong = ["", "x", String(buyer.token.dropLast()), buyer.token.uppercased(), buyer.system.apiKey, "' OR '1'='1"]
            return wrong.flatMap { [("GET", path, $0, nil), ("POST", "\(path)/cancel", $0, nil)] } + [
                ("GET", "/shop/orders", "", nil)
            ]
        },
        calls(59, "another client's payment is not there", statuses: 404...404) { buyer, order in
            let system = buyer.system
            let id = try #require(
                try await system.rows.paymentID(order.outTradeNo))
            let path = "/v1/payments/\(id)"
            return [
                ("GET", path, system.strangerKey, nil), ("GET", path + "/timeline", system.strangerKey, nil),
                ("POST", path + "/sync", system.strangerKey, nil), ("POST", path + "/close", system.strangerKey, nil),
                ("POST", "/v1/payments", system.strangerKey, MadePayment.body(system, system.number(), total: 1)),
            ]
        },
        calls(60, "neighbours of an order's and a payment's id are not there", statuses: 404...404) { buyer, order in
            let system = buyer.system
            let id = try #require(
                try await system.rows.paymentID(order.outTradeNo))
            return neighbours(order.id).map { ("GET", "/shop/orders/\($0)", buyer.token, nil) }
                + neighbours(id).map { ("GET", "/v1/payments/\($0)", system.apiKey, nil) }
                + ["1", "0", "-1", "ord_", "%00", "..%2F..", order.outTradeNo, "a%0AERROR%20forged", "%FF%FE"].map {
                    ("GET", "/shop/orders/\($0)", buyer.token, nil)
                }
        },
        Self(row: 64, name: "a number that was used, is too short, too long or has other characters") { buyer, order in
            let system = buyer.system
            let numbers = [
                order.outTradeNo, "12345", String(repeating: "1", count: 33), "with space", "slash/00", "中文订单号", "quote'00",
                "percent%00", "plus+++++", "dot......", "", "nul\\u000000",
            ]
            var answers: [WebAnswer] = []
            for number in numbers {
                let body = MadePayment.body(system, number, total: 100)
                answers.append(try await system.createPayment(body, key: system.number()))
            }
            #expect(answers[0].status == 409)
            #expect(answers[0].string("code") == "out_trade_no_used")
            for answer in answers.dropFirst() { #expect(answer.status == 400) }
            return answers
        },
        Self(row: 82, name: "a body of 10 MB", statuses: 413...413) { buyer, order in
            let system = buyer.system
            let body = [UInt8](repeating: UInt8(ascii: " "), count: 10_000_000)
            let json = [("Content-Type", "application/json")]
            var answers: [WebAnswer] = []
            for chunked in [false, true] {
                for (path, token) in [
                    ("/notify/v3/demo", nil), ("/shop/login", nil), ("/shop/orders", buyer.token),
                    ("/shop/orders/\(order.id)/pay", buyer.token), ("/v1/payments", system.apiKey),
                ] {
                    answers.append(
                        try await system.web.send(
                            "POST", path, headers: json + WebClient.bearer(token), body: body, chunked: chunked))
                }
            }
            return answers
        },
        Self(row: 85, name: "invalid UTF-8 and NUL") { buyer, _ in
            try await bodies(
                buyer,
                [
                    Array(#"{"items":[{"sku":"app"#.utf8) + [0xFF, 0xFE] + Array(#"le","quantity":1}]}"#.utf8),
                    Array(#"{"items":[{"sku":"apple\u0000","quantity":1}]}"#.utf8),
                    Array(#"{"items":[{"sku":"apple","#.utf8) + [0] + Array(#""quantity":1}]}"#.utf8),
                    Array(#"{"items":[{"sku":"\ud800","quantity":1}]}"#.utf8), [0xEF, 0xBB, 0xBF, 0x7B, 0x7D], [0xC0, 0xAF],
                ])
        },
        Self(row: 85, name: "line breaks that would forge a line of the log") { buyer, _ in
            let system = buyer.system
            let forged = #"x\n2026-01-01T00:00:00 critical wechatpay: paid\r\u001b[31m"#
            var answers = try await bodies(
                buyer,
                [
                    Array(#"{"items":[{"sku":"\#(forged)","quantity":1}]}"#.utf8),
                    Array(#"{"items":[{"sku":"apple","quantity":1}],"method":"\#(forged)"}"#.utf8),
                    Array(#"{"code":1,"\#(forged)":1}"#.utf8),
                ])
            let body = MadePayment.body(system, system.number(), total: 100)
            for name in ["demo", "mini_program", "CNY"] {
                let changed = body.replacingOccurrences(of: #""\#(name)""#, with: #""\#(forged)""#)
                answers.append(try await system.createPayment(changed, key: system.number()))
            }
            return answers
        },
        Self(row: 86, name: "JSON 10,000 deep") { buyer, _ in
            let deep = String(repeating: "[", count: 10_000)
            return try await bodies(
                buyer,
                [
                    Array(deep.utf8), Array((deep + String(repeating: "]", count: 10_000)).utf8),
                    Array((String(repeating: #"{"items":"#, count: 6_000)).utf8),
                ])
        },
        Self(row: 87, name: "a JSON key twice") { buyer, _ in
            let system = buyer.system
            var answers = try await bodies(
                buyer,
                [
                    Array(#"{"items":[{"sku":"apple","quantity":1,"quantity":2}]}"#.utf8),
                    Array(#"{"items":[{"sku":"apple","quantity":1}],"it\u0065ms":[]}"#.utf8),
                ])
            let twice = MadePayment.body(system, system.number(), total: 100, more: #","amount":{"total":1}"#)
            answers.append(try await system.createPayment(twice, key: system.number()))
            return answers
        },
    ]

    private static func bodies(_ buyer: Buyer, _ bodies: [[UInt8]]) async throws -> [WebAnswer] {
        let system = buyer.system
        let json = [("Content-Type", "application/json")]
        var answers: [WebAnswer] = []
        for body in bodies {
            for (path, headers) in [
                ("/shop/orders", WebClient.bearer(buyer.token)), ("/shop/login", []),
                ("/v1/payments", WebClient.bearer(system.apiKey) + [("Idempotency-Key", system.number())]),
            ] { answers.append(try await system.web.send("POST", path, headers: json + headers, body: body)) }
        }
        return answers
    }

    /// Ids that differ from `id` in its last character, or in the last of its time.
    private static func neighbours(_ id: String) -> [String] {
        let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        var text = Array(id)
        guard let last = text.last, let place = alphabet.firstIndex(of: last) else { return [] }
        var found: [String] = []
        for step in [1, 31, 2] {
            text[text.count - 1] = alphabet[(place + step) % 32]
            found.append(String(text))
        }
        return found
    }
}

@Suite("The hostile world: the shop and the merchant API", .serialized, .sharedSystem)
struct HostileShopTests {
    @Test("Is refused and changes nothing", arguments: ShopAttack.all)
    func attack(_ row: ShopAttack) async throws {
        let system = try SharedSystem.get()
        let buyer = try await Buyer(system)
        let order = try await buyer.openOrder()
        if row.row == 59 { _ = try await Buyer(system, user: 1) }
        try await system.expectRefused(row.statuses, logged: 1...1) { try await row.send(buyer, order) }
        // And what is right is still served.
        try await buyer.pay(order)
        try await buyer.expectFulfilledOnce(order)
    }

    @Test("Row 56: the price is the catalogue's")
    func catalogueSetsThePrice() async throws {
        let system = try SharedSystem.get()
        let buyer = try await Buyer(system)
        let answer = try await buyer.order(#"{"items":[{"sku":"apple","quantity":2},{"sku":"tea","quantity":1}]}"#)
        #expect(answer.integer("order.amount.total") == 9360)
        let number = try #require(answer.string("order.out_trade_no"))
        #expect(system.sandbox.order(mchid: system.merchant.mchid, outTradeNo: number)?.total == 9360)
    }

    @Test("Row 59: lists show one's own only")
    func listsAreOnesOwn() async throws {
        let system = try SharedSystem.get()
        let order = try await Buyer(system).openOrder()
        let others = try await system.web.get("/shop/orders", token: Buyer(system, user: 1).token)
        #expect(others.status == 200)
        #expect(others.count("orders") == 0)
        for query in ["", "?merchant=demo", "?out_trade_no=\(order.outTradeNo)", "?openid=\(system.sandbox.users[0].openid)"] {
            let list = try await system.web.get("/v1/payments\(query)", token: system.strangerKey)
            #expect(list.status == 200)
            #expect(list.count("payments") == 0)
        }
        #expect(try await system.web.get("/v1/events", token: system.strangerKey).count("events") == 0)
    }

    @Test("Row 60: ids of the same moment have 80 random bits and no order")
    func idsCannotBeGuessed() async throws {
        let system = try SharedSystem.get()
        let buyer = try await Buyer(system)
        var ids: [String] = []
        for _ in 0..<12 { ids.append(try await buyer.openOrder().id) }
        #expect(Set(ids.map { $0.prefix(14) }).count == 1, "business time stands still here: the same moment in all")
        let tails = ids.map { Array($0.suffix(16)) }
        #expect(ids.allSatisfy { $0.hasPrefix("ord_") && $0.count == 30 })
        for (left, right) in zip(tails, tails.dropFirst()) {
            let different = zip(left, right).count { $0 != $1 }
            #expect(different >= 9, "\(String(left)) and \(String(right))")
        }
    }
}
