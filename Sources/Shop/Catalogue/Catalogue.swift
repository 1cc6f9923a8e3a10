import PaymentPrimitives

/// What the shop sells. Prices come from here and from nowhere else.
package struct Catalogue: Sendable {
    /// In the order in which they are shown.
    package let products: [Product]

    package init(products: [Product]) {
        self.products = products
    }

    package func product(_ sku: String) -> Product? { products.first { $0.sku == sku } }
}

/// Something to buy.
package struct Product: Sendable, Equatable {
    package let sku: String
    package let name: String
    package let englishName: String?
    package let price: Money
    package let description: String?
    package let englishDescription: String?

    package init(
        sku: String, name: String, englishName: String? = nil, price: Money, description: String? = nil,
        englishDescription: String? = nil
    ) {
        self.sku = sku
        self.name = name
        self.englishName = englishName
        self.price = price
        self.description = description
        self.englishDescription = englishDescription
    }
}
