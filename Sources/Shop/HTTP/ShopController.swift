import HTTPTypes
import Hummingbird
import NIOCore
import PaymentPrimitives
import Payments

/// `/shop`: the mini-program's backend. A buyer sees only their own orders.
package struct ShopController<Context: RequestContext>: Sendable {
    private let sessions: SessionService
    private let orders: OrderService
    private let pictures: CodePictures
    private let buyerAddress: @Sendable (Request, Context) -> String?
    private let bodyLimit = 16 * 1024

    /// - Parameter buyerAddress: the IP address of whoever sent a request, as far as it is known.
    package init(
        sessions: SessionService, orders: OrderService, pictures: CodePictures,
        buyerAddress: @escaping @Sendable (Request, Context) -> String?
    ) {
        self.sessions = sessions
        self.orders = orders
        self.pictures = pictures
        self.buyerAddress = buyerAddress
    }

    package func addRoutes(to router: Router<Context>) {
        let shop = router.group("shop")
        shop.post("login") { request, _ in try await login(request) }
        shop.get("products") { _, _ in try answer(ProductList(products: orders.products.map(ProductView.init))) }
        shop.post("orders") { request, context in try await create(request, context) }
        shop.get("orders") { request, _ in try await list(request) }
        shop.get("orders/:id") { request, context in
            let order = try await orders.order(id: context.parameters.require("id"), openID: buyer(request))
            return try answer(OrderEnvelope(order: OrderView(order)))
        }
        shop.get("orders/:id/qr.svg") { request, context in
            try await picture(request, context, type: "image/svg+xml; charset=utf-8", pictures.svg)
        }
        shop.get("orders/:id/qr.png") { request, context in
            try await picture(request, context, type: "image/png", pictures.png)
        }
        shop.post("orders/:id/pay") { request, context in try await pay(request, context) }
        shop.post("orders/:id/sync") { request, context in
            try await refuseContent(request)
            let order = try await orders.sync(id: context.parameters.require("id"), openID: buyer(request))
            return try answer(OrderEnvelope(order: OrderView(order)))
        }
        shop.post("orders/:id/cancel") { request, context in
            try await refuseContent(request)
            let order = try await orders.cancel(id: context.parameters.require("id"), openID: buyer(request))
            return try answer(OrderEnvelope(order: OrderView(order)))
        }
    }

    private func login(_ request: Request) async throws -> Response {
        let body: LoginBody = try await decode(request)
        let (token, lifetime) = try await sessions.open(code: body.code)
        return try answer(LoginAnswer(token: token, expiresIn: lifetime.components.seconds))
    }

    private func create(_ request: Request, _ context: Context) async throws -> Response {
        let openID = try await buyer(request)
        let body: OrderBody = try await decode(request)
        let payable = try await orders.create(
            openID: openID, lines: body.items.map { OrderService.Line(sku: $0.sku, quantity: $0.quantity) },
            by: means(try method(body.method) ?? .miniProgram, body.authCode, request, context))
        return try answer(payable, status: .created)
    }

    private func pay(_ request: Request, _ context: Context) async throws -> Response {
        let openID = try await buyer(request)
        let bytes = try await bytes(request)
        let body: PayBody? = bytes.isEmpty ? nil : try StrictJSON.decode(from: bytes)
        let payable = try await orders.pay(
            id: context.parameters.require("id"), openID: openID,
            by: means(try method(body?.method), body?.authCode, request, context))
        return try answer(payable, status: .ok)
    }

    private func means(
        _ method: PaymentMethod?, _ authCode: Secret?, _ request: Request, _ context: Context
    ) -> OrderService.Means {
        OrderService.Means(method: method, authCode: authCode, buyerAddress: buyerAddress(request, context))
    }

    private func picture(
        _ request: Request, _ context: Context, type: String, _ draw: (String) throws -> [UInt8]
    ) async throws -> Response {
        let code = try await orders.codeToScan(id: context.parameters.require("id"), openID: buyer(request))
        return Response(
            status: .ok, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try draw(code))))
    }

    private func list(_ request: Request) async throws -> Response {
        let openID = try await buyer(request)
        let size = 20
        let found = try await orders.orders(
            openID: openID, before: request.uri.queryParameters["cursor"].map(String.init), limit: size + 1)
        let page = found.prefix(size)
        return try answer(OrderPage(orders: page.map(OrderView.init), cursor: found.count > size ? page.last?.id : nil))
    }

    private func buyer(_ request: Request) async throws -> String {
        guard let header = request.headers[.authorization], header.hasPrefix("Bearer "), header.utf8.count <= 256 else {
            throw PaymentError(.unauthorized, "log in first: POST /shop/login with the code of wx.login")
        }
        return try await sessions.buyer(token: String(header.dropFirst("Bearer ".count)))
    }

    private func method(_ text: String?) throws -> PaymentMethod? {
        guard let text else { return nil }
        guard let method = PaymentMethod(rawValue: text) else {
            throw PaymentError(
                .invalidRequest, "method \"\(text.prefix(40))\" is not one of \(PaymentMethod.names)", field: "method")
        }
        return method
    }

    private func bytes(_ request: Request) async throws -> [UInt8] {
        do {
            return Array(try await request.body.collect(upTo: bodyLimit).readableBytesView)
        } catch let error as any HTTPResponseError {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch {
            throw PaymentError(.invalidRequest, "the body could not be read to its end")
        }
    }

    /// For calls that take nothing: whatever a page believes to know about the order is not heard.
    private func refuseContent(_ request: Request) async throws {
        let bytes = try await bytes(request)
        if !bytes.isEmpty { _ = try StrictJSON.decode(NoFields.self, from: bytes) }
    }

    private func decode<Body: Decodable>(_ request: Request) async throws -> Body {
        try StrictJSON.decode(from: try await bytes(request))
    }

    private func answer(_ payable: OrderService.Payable, status: HTTPResponse.Status) throws -> Response {
        try answer(
            OrderAnswer(
                order: OrderView(payable.order), client: payable.handOff.map(HandOffView.init), notice: payable.notice),
            status: status)
    }

    private func answer(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        let body = try StrictJSON.encode(value)
        return Response(
            status: status, headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}

private struct LoginAnswer: Encodable {
    let token: String
    let expiresIn: Int64

    enum CodingKeys: String, CodingKey {
        case token
        case expiresIn = "expires_in"
    }
}

private struct OrderPage: Encodable {
    let orders: [OrderView]
    let cursor: String?
}

private struct OrderEnvelope: Encodable {
    let order: OrderView
}

private struct ProductList: Encodable {
    let products: [ProductView]
}

private struct ProductView: Encodable {
    let sku: String
    let name: String
    let nameEN: String?
    let price: OrderView.Amount
    let description: String?
    let descriptionEN: String?

    enum CodingKeys: String, CodingKey {
        case sku, name, price, description
        case nameEN = "name_en"
        case descriptionEN = "description_en"
    }

    init(_ product: Product) {
        sku = product.sku
        name = product.name
        nameEN = product.englishName
        price = OrderView.Amount(product.price)
        description = product.description
        descriptionEN = product.englishDescription
    }
}
