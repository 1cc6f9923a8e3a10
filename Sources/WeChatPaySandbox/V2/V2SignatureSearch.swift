import Foundation
import PaymentPrimitives

/// Finds out what was signed instead of what should have been, by trying the usual mistakes of API v2.
struct V2SignatureSearch {
    struct OtherKey {
        let name: String
        let key: String
    }

    let pairs: [(name: String, value: String)]
    let sign: String
    let signType: V2SignType
    let key: String
    let others: [OtherKey]

    func cause() -> SignatureCause {
        let right = V2SignType.message(pairs, key: key)
        if signType.digest(right, key: key).lowercased() == sign {
            return .init("v2_lower_case", "sign is right, but in lower-case letters", "签名正确，但使用了小写十六进制")
        }
        for other in others where V2SignType.allCases.contains(where: { $0.sign(pairs, key: other.key) == upper }) {
            return .init("v2_wrong_key", "it was signed with the \(other.name)", "使用了错误的密钥：\(other.name)")
        }
        if let type = V2SignType.allCases.first(where: { $0 != signType && $0.sign(pairs, key: key) == upper }) {
            return .init(
                "v2_sign_type", "it was signed with \(type.rawValue), but sign_type says \(signType.rawValue)",
                "实际使用\(type.rawValue)签名，但sign_type为\(signType.rawValue)")
        }
        for (text, cause) in variants() where V2SignType.allCases.contains(where: { $0.digest(text, key: key) == upper }) {
            return cause
        }
        return .init(
            "v2_unknown", "the signature fits no usual mistake; what should be signed: \(right.replacing(key, with: "***"))",
            "签名错误，未能识别原因；待签名串应为：\(right.replacing(key, with: "***"))")
    }

    private var upper: String { sign.uppercased() }

    private func variants() -> [(String, SignatureCause)] {
        let sorted = pairs.filter { $0.name != "sign" }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        let full = sorted.filter { !$0.value.isEmpty }
        func joined(_ pairs: [(name: String, value: String)]) -> String {
            pairs.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        }
        let tail = "&key=\(key)"
        return [
            (joined(sorted) + tail, .init("v2_empty_signed", "empty values were signed too", "空值参数参与了签名")),
            (
                joined(pairs.filter { $0.name != "sign" && !$0.value.isEmpty }) + tail,
                .init("v2_not_sorted", "the fields were signed in their order and not sorted by name", "参数未按参数名ASCII码排序")
            ),
            (joined(full), .init("v2_no_key", "&key= and the key are missing at the end", "签名串末尾缺少&key=密钥")),
            (joined(full) + key, .init("v2_key_bare", "the key was appended without &key=", "密钥前缺少&key=")),
            (
                "key=\(key)&" + joined(full),
                .init("v2_key_first", "the key stands first and not last", "key被放在了签名串开头")
            ),
            (
                joined((full + [("key", key)]).sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }),
                .init("v2_key_sorted", "the key was sorted among the fields and not put last", "key参与了排序，应放在最后")
            ),
            (
                joined(full.sorted { $0.name.lowercased() < $1.name.lowercased() }) + tail,
                .init("v2_sorted_without_case", "names were sorted without regard to case", "排序时忽略了大小写")
            ),
            (
                joined(full.filter { $0.name != "sign_type" }) + tail,
                .init("v2_sign_type_left_out", "sign_type was sent but not signed", "sign_type未参与签名")
            ),
            (
                joined(full.map { ($0.name, $0.value.removingPercentEncoding ?? $0.value) }) + tail,
                .init("v2_url_decoded", "values were signed URL-decoded", "参数值被URL解码后签名")
            ),
            (
                joined(full.map { ($0.name, Self.encoded($0.value)) }) + tail,
                .init("v2_url_encoded", "values were signed URL-encoded", "参数值被URL编码后签名")
            ),
            (
                joined(
                    full.map { ($0.name == "appid" ? "appId" : $0.name, $0.value) }
                        .sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }) + tail,
                .init("v2_appid_case", "appId was signed where the document has appid", "签名时使用了appId而非appid")
            ),
            (
                joined((full + [("sign", "")]).sorted { $0.name < $1.name }) + tail,
                .init("v2_sign_included", "sign itself was signed", "sign字段参与了签名")
            ),
        ]
    }

    private static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .urlQueryAllowed.subtracting(CharacterSet(charactersIn: "&+=/?:")))
            ?? text
    }
}

extension SignatureCause {
    fileprivate init(_ code: String, _ english: String, _ chinese: String) {
        self.init(code: code, english: english, chinese: chinese)
    }
}
