import PaymentPrimitives
import Testing

@testable import Payments

@Suite("When a webhook is tried again")
struct WebhookScheduleTests {
    /// Always the same byte.
    private struct Constant: RandomSource {
        let byte: UInt8
        func bytes(_ count: Int) -> [UInt8] { Array(repeating: byte, count: count) }
    }

    private let now = Timestamp(seconds: 1_700_000_000)

    @Test("Each gap is longer than the one before, about a day together, and then there is none")
    func gaps() {
        var total = Duration.zero
        var last = Duration.zero
        for attempts in 1...Int64(WebhookSchedule.gaps.count) {
            let least = WebhookSchedule.next(after: now, attempts: attempts, random: Constant(byte: 0))?.since(now)
            let most = WebhookSchedule.next(after: now, attempts: attempts, random: Constant(byte: 255))?.since(now)
            let gap = WebhookSchedule.gaps[Int(attempts) - 1]
            #expect(least == .milliseconds(gap.wholeMilliseconds * 9 / 10))
            #expect(most == .milliseconds(gap.wholeMilliseconds * 11 / 10))
            #expect(gap > last)
            last = gap
            total += gap
        }
        #expect((.seconds(23 * 3600) ... .seconds(24 * 3600)).contains(total), "\(total)")
        #expect(WebhookSchedule.next(after: now, attempts: 11, random: Constant(byte: 0)) == nil)
        #expect(WebhookSchedule.next(after: now, attempts: .max, random: Constant(byte: 0)) == nil)
    }

    @Test("Deliveries that failed together do not come back together")
    func jitter() {
        let random = SeededRandom(7)
        let moments = Set((0..<50).map { _ in WebhookSchedule.next(after: now, attempts: 5, random: random) })
        #expect(moments.count > 40, "seed 7")
    }

    @Test("A message has the same bytes each time, and its data as the outbox has it")
    func message() throws {
        let data = Array(#"{"b":1,"a":"\u8336 / "}"#.utf8)
        let first = try WebhookMessage(id: "evt_1", kind: "payment.paid", data: data, at: now)
        #expect(
            String(decoding: first.body, as: UTF8.self)
                == #"{"type":"payment.paid","timestamp":"2023-11-15T06:13:20+08:00","data":{"b":1,"a":"\u8336 / "}}"#)
        #expect(try WebhookMessage(id: "evt_1", kind: "payment.paid", data: data, at: now) == first)
        let strange = try WebhookMessage(id: "evt_2", kind: "a\"b", data: data, at: now)
        #expect(String(decoding: strange.body, as: UTF8.self).hasPrefix(#"{"type":"a\"b","#))
    }
}
