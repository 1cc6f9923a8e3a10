import PaymentPrimitives

/// The last requests and the warnings. Lives in memory only: it is for looking at, nothing depends on it.
struct ActivityLog: Sendable {
    static let limit = 1000
    private(set) var requests: [RecordedRequest] = []
    private(set) var warnings: [SandboxWarning] = []
    private(set) var count = 0

    mutating func record(_ make: (_ number: Int) -> RecordedRequest) {
        count += 1
        requests.append(make(count))
        // Dropped a tenth at a time, so that a full log does not move all its entries for each request.
        if requests.count >= Self.limit + Self.limit / 10 { requests.removeFirst(requests.count - Self.limit) }
    }

    mutating func warn(_ code: String, mchid: String?, _ message: String, at wire: Timestamp) {
        if let index = warnings.firstIndex(where: { $0.code == code && $0.mchid == mchid && $0.message == message }) {
            warnings[index].count += 1
            warnings[index].lastSeen = wire
        } else {
            if warnings.count >= Self.limit { warnings.removeFirst() }
            warnings.append(SandboxWarning(code: code, mchid: mchid, message: message, count: 1, lastSeen: wire))
        }
    }
}
