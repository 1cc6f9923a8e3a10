import Foundation
import PaymentPrimitives
import Testing
import WeChatPaySandbox

/// A row of the hostile world that is sent to `/notify/v2`, besides the true notification of a payment of 100 fen: the bytes
/// that whoever wrote it would have believed.
struct V2NotificationAttack: Sendable, CustomTestStringConvertible {
    let row: Int
    let name: String
    var statuses = 400...499
    let build: @Sendable (RunningSystem, MadePayment, ForgedXML.Kind) async throws -> [[UInt8]]

    var testDescription: String { "row \(row): \(name)" }

    /// A row that changes the text after it was signed.
    private static func altered(
        _ row: Int, _ name: String, _ change: @escaping @Sendable (String) -> [String]
    ) -> Self {
        Self(row: row, name: name) { system, payment, type in
            change(ForgedXML.success(system, payment).signed(type)).map { Array($0.utf8) }
        }
    }

    /// A row that lies in its content, and is signed well.
    private static func lie(
        _ row: Int, _ name: String, statuses: ClosedRange<Int> = 400...499,
        _ change: @escaping @Sendable (inout ForgedXML) -> Void
    ) -> Self {
        Self(row: row, name: name, statuses: statuses) { system, payment, type in
            var document = ForgedXML.success(system, payment)
            change(&document)
            return [Array(document.signed(type).utf8)]
        }
    }

    static let wrongSignatures: [Self] = [
        Self(row: 17, name: "no sign") { system, payment, _ in [Array(ForgedXML.success(system, payment).text.utf8)] },
        Self(row: 18, name: "an empty sign") { system, payment, _ in
            ["", " ", "\n"].map { sign in
                var document = ForgedXML.success(system, payment)
                document["sign"] = sign
                return Array(document.text.utf8)
            } + [Array(ForgedXML.success(system, payment).text.replacing("</xml>", with: "<sign/></xml>").utf8)]
        },
        lie(19, "no return_code") { $0["return_code"] = nil },
        lie(19, "a return_code that is not SUCCESS") { $0["return_code"] = "FAIL" },
        lie(19, "no result_code") { $0["result_code"] = nil },
        Self(row: 20, name: "only out_trade_no and total_fee, signed or not") { system, payment, type in
            let few = ForgedXML([("out_trade_no", payment.outTradeNo), ("total_fee", "100")])
            var more = few
            more["return_code"] = "SUCCESS"
            more["result_code"] = "SUCCESS"
            return [few.text, few.signed(type), more.text, more.signed(type)].map { Array($0.utf8) }
        },
        Self(row: 21, name: "the other algorithm than the configured one") { system, payment, type in
            let document = ForgedXML.success(system, payment)
            var named = document
            named["sign_type"] = type.other.rawValue
            // Signed as configured, and naming the other one.
            return [document.signed(type.other), named.signed(type.other), named.signed(type)].map { Array($0.utf8) }
        },
        Self(row: 22, name: "an unknown sign_type") { system, payment, type in
            ["NONE", "SHA1", "md5", "RSA", "HMAC-SHA512"].map { name in
                var document = ForgedXML.success(system, payment)
                document["sign_type"] = name
                return Array(document.signed(type).utf8)
            }
        },
        Self(row: 23, name: "signed with the v3 key") { system, payment, type in
            let key = system.merchant.apiV3Key.withBytes { String(decoding: $0, as: UTF8.self) }
            return [Array(ForgedXML.success(system, payment).signed(type, key: key).utf8)]
        },
        Self(row: 24, name: "signed with an empty key") { system, payment, type in
            ["", " "].map { Array(ForgedXML.success(system, payment).signed(type, key: $0).utf8) }
        },
        Self(row: 25, name: "signed with a key of WeChat's sandbox") { system, payment, type in
            // What getsignkey answers is a digest of the true key to the eye, and another key.
            let key = ForgedXML([("mch_id", system.merchant.mchid)]).sign(.md5).lowercased()
            return [Array(ForgedXML.success(system, payment).signed(type, key: key).utf8)]
        },
        Self(row: 26, name: "a sign that a loose comparison takes for any") { system, payment, type in
            let right = ForgedXML.success(system, payment)
            let length = right.sign(type).count
            return [
                "0", "0e1", "0E" + String(repeating: "0", count: length - 2), "true", "null", "[]",
                String(right.sign(type).prefix(8)), right.sign(type) + "0", right.sign(type).replacing("A", with: "B") + " ",
            ].map { sign in
                var document = right
                document["sign"] = sign
                return Array(document.text.utf8)
            }
        },
        altered(26, "sign twice") { text in
            let other = "<sign>\(String(repeating: "0", count: 32))</sign>"
            return [
                text.replacing("</xml>", with: other + "</xml>"), text.replacing("<xml>", with: "<xml>" + other),
                text.replacing("</sign>", with: "</sign><sign></sign>"),
            ]
        },
        altered(4, "one character changed after it was signed") { text in
            [
                text.replacing("[OTHERS]", with: "[OTHERT]"), text.replacing("[CNY]", with: "[CNZ]"),
                text.replacing("</xml>", with: "<attach>x</attach></xml>"),
            ]
        },
    ]

    static let hostileXML: [Self] = [
        altered(27, "a DOCTYPE") { text in
            ["<!DOCTYPE xml>", "<!DOCTYPE xml []>", "<!DOCTYPE xml SYSTEM \"x.dtd\">"].flatMap {
                [$0 + text, "<?xml version=\"1.0\"?>" + $0 + text]
            }
        },
        expanded(27, "an entity of its own", "<!DOCTYPE xml [<!ENTITY n \"100\">]>"),
        expanded(28, "an external entity of a file", "<!DOCTYPE xml [<!ENTITY n SYSTEM \"file:///etc/hostname\">]>"),
        altered(30, "billion laughs") { text in
            var entities = "<!ENTITY a0 \"ha\">"
            for level in 1...12 {
                entities += "<!ENTITY a\(level) \"" + String(repeating: "&a\(level - 1);", count: 10) + "\">"
            }
            return ["<!DOCTYPE xml [\(entities)]>" + text.replacing("</xml>", with: "<attach>&a12;</attach></xml>")]
        },
        altered(31, "a parameter entity, and XInclude") { text in
            let include =
                "<xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" parse=\"text\" href=\"file:///etc/hostname\"/>"
            return [
                "<!DOCTYPE xml [<!ENTITY % p SYSTEM \"file:///etc/hostname\"> %p;]>" + text,
                text.replacing("</xml>", with: include + "</xml>"),
                text.replacing("</xml>", with: "<attach>\(include)</attach></xml>"),
                "<?xml-stylesheet href=\"file:///etc/hostname\"?>" + text,
            ]
        },
        Self(row: 32, name: "an element twice, signed with either value") { system, payment, type in
            ["total_fee", "out_trade_no", "result_code", "mch_id"].flatMap { name in
                let document = ForgedXML.success(system, payment)
                var lie = document
                lie[name] = name == "total_fee" ? "1" : "NOBODYS00000000001"
                let second = "<\(name)>\(lie[name] ?? "")</\(name)>"
                return [document, lie].flatMap { signed in
                    var first = document
                    first["sign"] = signed.sign(type)
                    return [
                        first.text.replacing("</xml>", with: second + "</xml>"),
                        first.text.replacing("<xml>", with: "<xml>" + second),
                    ]
                }.map { Array($0.utf8) }
            }
        },
        altered(32, "elements within elements, attributes, another root") { text in
            [
                text.replacing("<total_fee>", with: "<total_fee><b>1</b>"),
                text.replacing("<total_fee>", with: "<total_fee a=\"1\">"), "<root>\(text)</root>",
                text.replacing("xml>", with: "root>"), text + text, text + "x", "x" + text,
            ]
        },
        Self(row: 85, name: "invalid UTF-8, NUL, another encoding, nothing") { system, payment, type in
            let text = ForgedXML.success(system, payment).signed(type)
            func with(_ bytes: [UInt8]) -> [UInt8] {
                Array(text.utf8.dropLast(6)) + Array("<attach>".utf8) + bytes + Array("</attach></xml>".utf8)
            }
            return [
                with([0xFF, 0xFE]), with([0xC0, 0xAF]), with([0]), with(Array("&#0;".utf8)), [], [0x20], Array("{}".utf8),
                Array(("<?xml version=\"1.0\" encoding=\"UTF-7\"?>" + text).utf8), text.utf16.flatMap { [UInt8($0 & 0xFF), 0] },
            ]
        },
        altered(86, "ten thousand elements deep") { text in
            let deep = String(repeating: "<a>", count: 5_000) + String(repeating: "</a>", count: 5_000)
            return [deep, text.replacing("</xml>", with: deep + "</xml>")]
        },
    ]

    /// The total is an entity: for a reader that expands it the signature is right.
    private static func expanded(_ row: Int, _ name: String, _ doctype: String) -> Self {
        altered(row, name) { text in
            ["[CDATA[100]]", "[CDATA[CNY]]"].map { value in
                doctype + text.replacing("<!\(value)>", with: "&n;")
            }
        }
    }

    static let wrongBusiness: [Self] = [
        lie(33, "one fen less") { $0["total_fee"] = "99" },
        lie(34, "one fen more") { $0["total_fee"] = "101" },
        lie(34, "the payer paid more than the total") { $0["cash_fee"] = "101" },
        lie(35, "fee_type USD") { $0["fee_type"] = "USD" },
        Self(row: 36, name: "a true notification of one yuan under another order's number") { system, _, type in
            let other = try await system.payment(total: 200)
            var document = ForgedXML.success(system, other)
            document["total_fee"] = "100"
            return [Array(document.signed(type).utf8)]
        },
        lie(37, "another merchant's mch_id") { $0["mch_id"] = "1900000002" },
        lie(37, "no mch_id") { $0["mch_id"] = nil },
        lie(38, "another app id") { $0["appid"] = "wx0000000000000002" },
        lie(38, "no app id") { $0["appid"] = nil },
        lie(39, "a sub-merchant's") { $0["sub_mch_id"] = "1900000101" },
        lie(40, "a number that is not ours", statuses: 500...599) { $0["out_trade_no"] = "NOBODYS00000000001" },
        lie(45, "no transaction id") { $0["transaction_id"] = "" },
        lie(45, "no total") { $0["total_fee"] = nil },
        Self(row: 45, name: "a total that is no whole number") { system, payment, type in
            ["100.0", "1e2", "+100", "-100", "0100", " 100", "0x64", "9223372036854775808", "１００", "100,00"].map { total in
                var document = ForgedXML.success(system, payment)
                document["total_fee"] = total
                return Array(document.signed(type).utf8)
            }
        },
    ]
}
