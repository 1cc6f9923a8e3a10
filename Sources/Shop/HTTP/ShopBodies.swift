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
            try decoder.refuseFields(otherThan: Key.self, because: theServersOwn)
            let container = try decoder.container(keyedBy: Key.self)
            sku = try container.decode(String.self, forKey: .sku)
            quantity = try container.decode(Int64.self, forKey: .quantity)
        }
    }

    let items: [Item]
    let method: String?
    /// The payer's code, for `codepay`.
    let authCode: Secret?

    private enum Key: String, CodingKey, CaseIterable {
        case items, method
        case authCode = "auth_code"
    }

    init(from decoder: any Decoder) throws {
        try decoder.refuseFields(otherThan: Key.self, because: theServersOwn)
        let container = try decoder.container(keyedBy: Key.self)
        items = try container.decode([Item].self, forKey: .items)
        method = try container.decodeIfPresent(String.self, forKey: .method)
        authCode = try container.decodeIfPresent(String.self, forKey: .authCode).map { Secret($0) }
    }
}

struct PayBody: Decodable {
    let method: String?
    /// The payer's code, for `codepay`.
    let authCode: Secret?

    private enum Key: String, CodingKey, CaseIterable {
        case method
        case authCode = "auth_code"
    }

    init(from decoder: any Decoder) throws {
        try decoder.refuseFields(otherThan: Key.self, because: theServersOwn)
        let container = try decoder.container(keyedBy: Key.self)
        method = try container.decodeIfPresent(String.self, forKey: .method)
        authCode = try container.decodeIfPresent(String.self, forKey: .authCode).map { Secret($0) }
    }
}

/// `{}`.
struct NoFields: Decodable {
    private enum Key: String, CodingKey, CaseIterable {
        case none = ""
    }

    init(from decoder: any Decoder) throws { try decoder.refuseFields(otherThan: Key.self, because: theServersOwn) }
}

private let theServersOwn = "is not a field of this request; prices, payers and states are the server's"
