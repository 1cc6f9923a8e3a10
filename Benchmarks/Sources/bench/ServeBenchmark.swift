import Foundation
import WeChatPaySandbox

/// Notifications from the wire to the durable row, through the built server.
///
/// Placed orders come from the sandbox; the notifications are signed here beforehand, so that only the server works while
/// they are sent, beside a load that is cheap.
struct ServeBenchmark {
    let options: ServerOptions
    let count: Int

    private static let connections = [16, 64]
    private static let rounds = 3
    private static let orderConnections = 32
    private static let target = 0.6

    /// One part of a run, and what the machine could do at that moment.
    private struct Part: Sendable {
        let connections: Int
        let onDisk: HTTPLoad.Result
        let inMemory: HTTPLoad.Result?
        let commitsPerSecond: Double

        private var disk: Double { Double(connections) / 2 * commitsPerSecond }
        private var processor: Double { inMemory?.perSecond ?? .infinity }
        /// The most that could be reached.
        var bound: Double { min(disk, processor) }
        var boundName: String { disk < processor ? "\(connections / 2) × commits" : "without syncs" }
        var ratio: Double { onDisk.perSecond / bound }
    }

    func run(into report: inout Report) async throws {
        let (command, count) = (options.command, count)
        let (orders, parts) = try await withFolders(in: options.directory) { disk, memory in
            try await PlayedWeChat.serve { wechat in
                try await onThread { try Self.measure(command, count, disk: disk, memory: memory, wechat) }
            }
        }
        report.add("durable commits of one row, this disk", perSecond(median(parts.map(\.commitsPerSecond))))
        report.add("orders placed through /v1/payments, \(Self.orderConnections) connections", perSecond(median(orders)))
        for connections in Self.connections {
            let parts = parts.filter { $0.connections == connections }
            let whole = HTTPLoad.Result(parts.map(\.onDisk))
            let names = Set(parts.map(\.boundName)).sorted().joined(separator: ", ")
            report.add(
                "notifications, \(connections) connections", perSecond(whole.perSecond),
                of: "\(perSecond(median(parts.map(\.bound)))) (\(names))", ratio: median(parts.map(\.ratio)),
                atLeast: Self.target)
            report.add("  from request to answer", whole.times)
        }
    }

    /// Sends to the server with its database on the disk and to the one without syncs by turns, so that both meet the
    /// machine in the same mood.
    private static func measure(
        _ command: String, _ count: Int, disk: String, memory: String?, _ wechat: PlayedWeChat
    ) throws -> (ordersPerSecond: [Double], parts: [Part]) {
        let durable = try Subject(command, ServerFolder(disk + "/full", wechat: wechat))
        let volatile = try memory.map {
            try Subject(command, ServerFolder(disk + "/off", databaseFolder: $0, wechat: wechat))
        }
        let platform = try PlayedPlatform(wechat.account)
        var (orders, parts): ([Double], [Part]) = ([], [])
        for connections in connections {
            // Just before they are paid: 20 s later the server begins to ask WeChat about each of them.
            orders.append(try durable.place(count, wechat).perSecond)
            _ = try volatile?.place(count, wechat)
            say("orders \(perSecond(orders.last ?? 0))")
            for round in 1...rounds {
                let share = count * round / rounds - count * (round - 1) / rounds
                let before = try SQLite.durableCommitsPerSecond(in: disk)
                let onDisk = try durable.send(share, connections, platform)
                let after = try SQLite.durableCommitsPerSecond(in: disk)
                let part = Part(
                    connections: connections, onDisk: onDisk, inMemory: try volatile?.send(share, connections, platform),
                    // Out of the mean time of a commit.
                    commitsPerSecond: 2 / (1 / before + 1 / after))
                parts.append(part)
                say(
                    """
                    \(connections) connections: notifications \(perSecond(onDisk.perSecond)); at most \(perSecond(part.bound)) \
                    (\(part.boundName)); durable commits \(perSecond(before)), then \(perSecond(after))
                    """)
            }
        }
        for subject in [durable, volatile].compactMap({ $0 }) { try subject.stop(booked: count * connections.count) }
        return (orders, parts)
    }

    /// A running server and the orders that wait there to be paid.
    private final class Subject {
        let server: ChildServer
        let folder: ServerFolder
        private var orders: [PaidOrder] = []
        private var keys = 0

        init(_ command: String, _ folder: ServerFolder) throws {
            self.folder = folder
            server = try ChildServer(command: command, folder: folder)
        }

        func send(_ count: Int, _ connections: Int, _ platform: PlayedPlatform) throws -> HTTPLoad.Result {
            let requests = try orders.prefix(count).map { order in
                let notification = try platform.notification(about: order, withPromotion: false)
                return HTTPLoad.post(
                    "/notify/v3/\(ServerFolder.merchant)", headers: notification.headers, body: notification.body)
            }
            orders.removeFirst(count)
            return try HTTPLoad.run(port: server.port, connections: connections, requests: requests).expect(204)
        }

        /// An answer says that the row is there: look.
        func stop(booked count: Int) throws {
            try server.stop()
            let paid = try SQLite.number("SELECT COUNT(*) FROM payments WHERE state = 'paid'", in: folder.database)
            guard paid == count else { throw BenchmarkFailure("\(count) were acknowledged, \(paid) are booked") }
        }

        /// Places orders as a merchant's system does.
        func place(_ count: Int, _ wechat: PlayedWeChat) throws -> HTTPLoad.Result {
            struct Answer: Decodable {
                struct Payment: Decodable {
                    let outTradeNo: String

                    enum CodingKeys: String, CodingKey { case outTradeNo = "out_trade_no" }
                }
                let payment: Payment
            }
            let total: Int64 = 888
            let appid = wechat.account.appid
            let body = """
                {"merchant":"\(ServerFolder.merchant)","appid":"\(appid)","method":"mini_program",\
                "amount":{"total":\(total),"currency":"CNY"},"description":"红富士苹果 一斤","openid":"\(wechat.openid)"}
                """
            let requests = (0..<count).map { _ in
                keys += 1
                return HTTPLoad.post(
                    "/v1/payments",
                    headers: [
                        ("Content-Type", "application/json"), ("Authorization", "Bearer \(folder.apiKey)"),
                        ("Idempotency-Key", "order-\(keys)"),
                    ], body: Array(body.utf8))
            }
            let result = try HTTPLoad.run(port: server.port, connections: orderConnections, requests: requests).expect(201)
            orders = try result.answers.map { answer in
                let payment = try JSONDecoder().decode(Answer.self, from: Data(answer.body)).payment
                return PaidOrder(appid: appid, outTradeNo: payment.outTradeNo, total: total, openid: wechat.openid)
            }
            return result
        }
    }
}
