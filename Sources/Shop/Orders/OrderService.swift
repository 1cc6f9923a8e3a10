import Logging
import PaymentPrimitives
import Payments
import SQLDatabase

/// What a buyer can do in the shop. The server decides the price, the number and the payer.
package struct OrderService: Sendable {
    private let store: OrderStore
    private let payments: PaymentService
    private let catalogue: Catalogue
    private let appid: String
    private let till: Bool
    private let clock: any WallClock
    private let ids: IDGenerator

    /// - Parameter till: whether `codepay` is allowed. A code is whoever's shows it, so who may charge one must be trusted;
    ///   a buyer who only logged in is not.
    package init(
        database: any Database, payments: PaymentService, merchant: String, appid: String, till: Bool, catalogue: Catalogue,
        clock: any WallClock, ids: IDGenerator
    ) {
        store = OrderStore(database: database, merchant: merchant)
        self.payments = payments
        self.catalogue = catalogue
        self.appid = appid
        self.till = till
        self.clock = clock
        self.ids = ids
    }

    package var products: [Product] { catalogue.products }

    /// A line that a buyer wants.
    package struct Line: Sendable {
        package let sku: String
        package let quantity: Int64

        package init(sku: String, quantity: Int64) {
            self.sku = sku
            self.quantity = quantity
        }
    }

    /// How a buyer wants to pay, and what must be known for it.
    package struct Means: Sendable {
        /// Nil for the way of the payment before.
        package let method: PaymentMethod?
        /// The code that the buyer shows, for `codepay`.
        package let authCode: Secret?
        /// The IP address from which the request came, for `h5`.
        package let buyerAddress: String?

        package init(method: PaymentMethod?, authCode: Secret? = nil, buyerAddress: String? = nil) {
            self.method = method
            self.authCode = authCode
            self.buyerAddress = buyerAddress
        }
    }

    /// An order and what to pay it with.
    package struct Payable: Sendable {
        package let order: Order
        package let handOff: ClientHandOff?
        package let notice: String?
    }

    /// Puts an order down durably, then its payment, then asks WeChat.
    ///
    /// - Throws: ``PaymentError``. When WeChat gives no answer the order is returned all the same, with a notice: it can
    ///   be paid later.
    package func create(openID: String, lines: [Line], by means: Means) async throws -> Payable {
        let items = try items(lines)
        let order = Order(
            merchant: store.merchant, id: ids.next("ord"), openID: openID, stored: .unpaid, amount: try Self.total(items),
            items: items, createdAt: clock.now, fulfilledAt: nil)
        let method = means.method ?? .miniProgram
        try refuseTill(method)
        // An order that could never be paid is not put down.
        try payments.check(request(for: order, method, means))
        try await store.insert(order)
        return try await pay(order, method, means)
    }

    /// Pays an order again: the same payment while it is open, a fresh one after WeChat refused the last, or in another way,
    /// for which the open one is closed at WeChat first.
    package func pay(id: String, openID: String, by means: Means) async throws -> Payable {
        let order = try await order(id: id, openID: openID)
        guard order.state == "unpaid" else {
            throw PaymentError(.wrongState, "the order is \(order.state); there is nothing to pay")
        }
        let method = means.method ?? order.payments.first?.method ?? .miniProgram
        // Before anything is closed at WeChat for its sake.
        try refuseTill(method)
        for payment in order.payments where payment.state.isOpen && payment.method != method {
            guard try await payments.close(merchant: payment.merchant, id: payment.id).state != .paid else {
                return Payable(order: try await withPayments(order), handOff: nil, notice: "the order was paid in the meantime")
            }
        }
        return try await pay(order, method, means)
    }

    /// The text of the QR code for an order's open native payment.
    ///
    /// - Throws: ``PaymentError`` `.notFound` when it has none; `.wrongState` when the code is too old.
    package func codeToScan(id: String, openID: String) async throws -> String {
        let order = try await order(id: id, openID: openID)
        guard let payment = order.payments.first(where: { $0.method == .native && $0.state.isOpen }) else {
            throw PaymentError(.notFound, "the order has no open payment with a code; POST …/pay with the method native")
        }
        return try payment.codeToScan(at: clock.now, renewal: "POST …/pay with the method native to get one")
    }

    /// - Throws: ``PaymentError`` `.notFound`, also for somebody else's order.
    package func order(id: String, openID: String) async throws -> Order {
        guard let order = try await store.order(id: id, openID: openID) else {
            throw PaymentError(.notFound, "there is no order \"\(id.prefix(40))\"")
        }
        return try await withPayments(order)
    }

    package func orders(openID: String, before: String?, limit: Int) async throws -> [Order] {
        var orders: [Order] = []
        for order in try await store.orders(openID: openID, before: before, limit: limit) {
            orders.append(try await withPayments(order))
        }
        return orders
    }

    /// Asks WeChat for the order's open payments.
    package func sync(id: String, openID: String) async throws -> Order {
        let order = try await order(id: id, openID: openID)
        // Closed ones too: somebody may have paid at the last moment.
        var failure: (any Error)?
        for payment in order.payments where payment.state != .paid && payment.state != .failed {
            do { _ = try await payments.sync(merchant: payment.merchant, id: payment.id) } catch { failure = error }
        }
        if let failure { throw failure }
        return try await self.order(id: id, openID: openID)
    }

    /// Cancels an unpaid order: its payments are closed at WeChat first.
    ///
    /// - Throws: ``PaymentError`` `.wrongState` when it was paid; `.resultUnknown` when WeChat gave no answer.
    package func cancel(id: String, openID: String) async throws -> Order {
        let order = try await order(id: id, openID: openID)
        if order.state == "closed" { return order }
        guard order.state == "unpaid" else {
            throw PaymentError(.wrongState, "the order is \(order.state) and cannot be cancelled")
        }
        for payment in order.payments where payment.state.isOpen {
            let closed = try await payments.close(merchant: payment.merchant, id: payment.id)
            guard closed.state != .paid else {
                throw PaymentError(.wrongState, "the order was paid in the meantime and cannot be cancelled")
            }
        }
        try await store.close(id: id)
        return try await self.order(id: id, openID: openID)
    }

    private func refuseTill(_ method: PaymentMethod) throws {
        guard method == .codePay, !till else { return }
        throw PaymentError(
            .invalidRequest, "method codepay is for a till, and this shop is none (shop.till in its configuration); take another",
            field: "method")
    }

    private func request(for order: Order, _ method: PaymentMethod, _ means: Means) -> NewPayment {
        var request = NewPayment(
            merchant: order.merchant, appid: appid, method: method, amount: order.amount,
            description: Self.description(of: order.items))
        request.reference = order.id
        request.authCode = means.authCode
        switch method {
        case .miniProgram, .jsapi: request.openID = order.openID
        case .h5:
            request.options.scene = PaymentOptions.Scene()
            request.options.scene?.payerClientIP = means.buyerAddress
        case .codePay:
            // WeChat wants to know in which shop the code is shown; there is one.
            request.options.scene = PaymentOptions.Scene()
            request.options.scene?.storeInfo = PaymentOptions.Store(id: order.merchant)
        case .native, .app: break
        }
        return request
    }

    private func pay(_ order: Order, _ method: PaymentMethod, _ means: Means) async throws -> Payable {
        let request = request(for: order, method, means)
        var handOff: ClientHandOff?
        var notice: String?
        do {
            if case .payment(_, let ready) = try await payments.create(request, idempotency: nil) { handOff = ready }
        } catch let error as PaymentError where error.code == .resultUnknown {
            notice =
                method == .codePay
                ? "what became of the charge is not known yet; the order is kept, look again in a moment"
                : "WeChat did not answer; the order is kept, pay it in a moment"
        }
        return Payable(order: try await withPayments(order), handOff: handOff, notice: notice)
    }

    private func withPayments(_ order: Order) async throws -> Order {
        var filter = PaymentFilter(merchants: [order.merchant])
        filter.reference = order.id
        var order = order
        order.payments = try await payments.storage.payments(filter)
        return order
    }

    private func items(_ lines: [Line]) throws -> [Order.Item] {
        guard (1...50).contains(lines.count) else {
            throw PaymentError(.invalidRequest, "items must have 1 to 50 lines", field: "items")
        }
        guard Set(lines.map(\.sku)).count == lines.count else {
            throw PaymentError(.invalidRequest, "items has a sku twice; add up the quantities", field: "items")
        }
        return try lines.enumerated().map { index, line in
            guard let product = catalogue.product(line.sku) else {
                throw PaymentError(
                    .invalidRequest, "there is no product \"\(line.sku.prefix(40))\"", field: "items[\(index)].sku")
            }
            guard (1...99).contains(line.quantity) else {
                throw PaymentError(.invalidRequest, "quantity must be 1 to 99", field: "items[\(index)].quantity")
            }
            return Order.Item(sku: product.sku, name: product.name, price: product.price, quantity: line.quantity)
        }
    }

    private static func total(_ items: [Order.Item]) throws -> Money {
        var total = Money(fen: 0)
        for item in items { total = try total.adding(item.price.multiplied(by: item.quantity)) }
        guard total.fen <= NewPayment.maximum else {
            throw PaymentError(.invalidRequest, "the order is too large to be paid at once", field: "items")
        }
        return total
    }

    /// What the buyer reads in WeChat: `苹果 ×2 等 3 件`, at most 127 bytes.
    static func description(of items: [Order.Item]) -> String {
        guard let first = items.first else { return "" }
        var suffix = first.quantity > 1 ? " ×\(first.quantity)" : ""
        if items.count > 1 { suffix += " 等 \(items.reduce(0) { $0 + $1.quantity }) 件" }
        var name = first.name
        while name.utf8.count + suffix.utf8.count > 127, !name.isEmpty { name.removeLast() }
        return name + suffix
    }
}
