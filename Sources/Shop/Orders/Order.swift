import PaymentPrimitives
import Payments

/// What a buyer ordered.
package struct Order: Sendable, Equatable {
    /// One line.
    package struct Item: Sendable, Equatable {
        package let sku: String
        package let name: String
        package let price: Money
        package let quantity: Int64
    }

    /// As stored. `paid` is not: it is read off the payments, which are the truth about money.
    package enum StoredState: String, Sendable {
        case unpaid, fulfilled, closed
    }

    package let merchant: String
    package let id: String
    package let openID: String
    package let stored: StoredState
    package let amount: Money
    package let items: [Item]
    package let createdAt: Timestamp
    package let fulfilledAt: Timestamp?
    /// Newest first.
    package var payments: [Payment] = []

    /// `unpaid`, `paid`, `fulfilled`, `closed`, `refunding` or `refunded`.
    ///
    /// A second payment that goes back changes nothing: the order is as the payment that stays has made it.
    package var state: String {
        let paid = payments.filter { $0.state == .paid }
        if !paid.isEmpty, paid.allSatisfy(\.isRefunded) { return "refunded" }
        if !paid.isEmpty, paid.allSatisfy({ $0.isRefunded || $0.refunds.isOpen }) { return "refunding" }
        return stored != .fulfilled && payments.contains { $0.state == .paid && $0.amount == amount } ? "paid" : stored.rawValue
    }
}
