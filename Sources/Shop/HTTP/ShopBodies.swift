import PaymentPrimitives
import Payments

struct LoginBody: Decodable {
    let code: String
}

/// What a buyer wants. The price, the number and the payer are the server's: a body that names one is refused, not read
/// over.
struct OrderBody: Decodable {
    struct Item: Decodable {
        let sku: String
        let quantity: Int64

        private enum Key: String, CodingKey, CaseIterable { case sku, quantity }

        init(from decoder: any Decoder) throws {
            try decoder.refuse(othersThan: Key.allCases.map(\.rawValue), in: "items.")
            let container = try decoder.container(keyedBy: Key.self)
            sku = try container.decode(String.self, forKey: .sku)
            quantity = try container.decode(Int64.self, forKey: .quantity)
        }
    }

    let items: [Item]
    let method: String?

    private enum Key: String, CodingKey, CaseIterable { case items, method }

    init(from decoder: any Decoder) throws {
        try decoder.refuse(othersThan: Key.allCases.map(\.rawValue))
        let container = try decoder.container(keyedBy: Key.self)
        items = try container.decode([Item].self, forKey: .items)
        method = try container.decodeIfPresent(String.self, forKey: .method)
    }
}

struct PayBody: Decodable {
    let method: String?

    private enum Key: String, CodingKey { case method }

    init(from decoder: any Decoder) throws {
        try decoder.refuse(othersThan: [Key.method.rawValue])
        method = try decoder.container(keyedBy: Key.self).decodeIfPresent(String.self, forKey: .method)
    }
}

/// `{}`.
struct NoFields: Decodable {
    init(from decoder: any Decoder) throws { try decoder.refuse(othersThan: []) }
}

extension Decoder {
    fileprivate func refuse(othersThan known: [String], in path: String = "") throws {
        for key in try container(keyedBy: AnyName.self).allKeys where !known.contains(key.stringValue) {
            let name = path + String(key.stringValue.prefix(40))
            throw PaymentError(
                .invalidRequest, "\(name) is not a field of this request; prices, payers and states are the server's",
                field: name)
        }
    }
}

private struct AnyName: CodingKey {
    let stringValue: String
    let intValue: Int? = nil
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
