import Foundation
import HTTPTypes
import Testing

@testable import WeChatPay

@Suite("The flow of code pay")
struct CodePayFlowTests {
    typealias State = CodePayFlow.State
    typealias Event = CodePayFlow.Event

    private static let since = Timestamp(seconds: 1000)
    private static func at(_ seconds: Int64) -> Timestamp { since.advanced(by: .seconds(seconds)) }
    private static func failed(_ code: String) -> State { .failed(WeChatErrorCode(rawValue: code)) }

    static let events: [Event] = [
        .resumed, .order(.success), .order(.refund), .order(.revoked), .order(.closed), .order(.payError), .order(.userPaying),
        .order(.notPay), .order(TradeState(rawValue: "DREAMING")), .refused(.orderNotExist), .refused(.paramError), .unknown,
        .takenBack,
    ]

    /// For each state, at a moment, the state after each of ``events``.
    static let table: [(state: State, now: Int64, after: [State])] = {
        func paid() -> [State] { [.paid, .paid, .reversed, failed("CLOSED"), failed("PAYERROR")] }
        func row(_ state: State, _ now: Int64, resumed: State, open: State, missing: State, refused: State, ends: [State])
            -> (State, Int64, [State])
        { (state, now, [resumed] + ends + [open, open, open, missing, refused, open, .reversed]) }
        let first = State.asking(since: since, due: at(5))
        let asking = State.asking(since: since, due: at(5))
        let again = State.asking(since: since, due: at(15))
        let last = State.asking(since: since, due: at(45))
        let late = State.reversing(since: since, due: at(45))
        let reversing = State.reversing(since: since, due: at(45))
        let reverseAgain = State.reversing(since: since, due: at(55))
        let checking = State.checking(since: since, due: at(55))
        return [
            row(.ready, 0, resumed: .charging(since: since), open: first, missing: first, refused: first, ends: paid()),
            row(
                .charging(since: since), 1, resumed: first, open: first, missing: failed("ORDER_NOT_EXIST"),
                refused: failed("PARAM_ERROR"), ends: paid()),
            row(
                .charging(since: since), 7, resumed: .asking(since: since, due: at(7)), open: .asking(since: since, due: at(7)),
                missing: failed("ORDER_NOT_EXIST"), refused: failed("PARAM_ERROR"), ends: paid()),
            row(asking, 5, resumed: asking, open: again, missing: again, refused: again, ends: paid()),
            row(again, 40, resumed: again, open: last, missing: last, refused: last, ends: paid()),
            row(last, 45, resumed: last, open: late, missing: late, refused: late, ends: paid()),
            row(
                reversing, 45, resumed: reversing, open: reverseAgain, missing: reverseAgain, refused: checking,
                ends: [reverseAgain, reverseAgain, .reversed, failed("CLOSED"), failed("PAYERROR")]),
            row(
                .checking(since: since, due: at(45)), 45, resumed: .checking(since: since, due: at(45)), open: reverseAgain,
                missing: reverseAgain, refused: reverseAgain, ends: paid()),
            (.paid, 99, events.map { _ in .paid }), (.reversed, 99, events.map { _ in .reversed }),
            (failed("X"), 99, events.map { _ in failed("X") }),
        ]
    }()

    @Test("every event in every state leads where the table says, and only the first resumption charges")
    func transitions() throws {
        for (state, now, after) in Self.table {
            #expect(after.count == Self.events.count)
            for (event, expected) in zip(Self.events, after) {
                var flow = try restored(state)
                let action = flow.next(event, now: Self.at(now))
                #expect(flow.state == expected, "\(event) in \(state)")
                #expect((action == .charge) == (state == .ready && event == .resumed), "\(event) in \(state)")
                switch expected {
                case .asking(_, let due), .checking(_, let due): #expect(action == .query(at: due))
                case .reversing(_, let due): #expect(action == .reverse(at: due))
                case .paid, .failed, .reversed: #expect(action == .finish)
                case .ready, .charging: #expect(action == .charge)
                }
            }
        }
    }

    @Test("that there is no such order is believed from 120 seconds after the charge, not before")
    func missing() throws {
        for state in [State.reversing(since: Self.since, due: Self.at(115)), .checking(since: Self.since, due: Self.at(115))] {
            var young = try restored(state)
            #expect(young.next(.refused(.orderNotExist), now: Self.at(119)) == .reverse(at: Self.at(129)))
            var old = try restored(state)
            #expect(old.next(.refused(.orderNotExist), now: Self.at(120)) == .finish)
            #expect(old.state == Self.failed("ORDER_NOT_EXIST"))
        }
    }

    /// A flow in a state, by way of storage.
    private func restored(_ state: State) throws -> CodePayFlow {
        let stored = try JSONEncoder().encode(CodePayFlow(CodePayRequest.sample))
        var object = try #require(try JSONSerialization.jsonObject(with: stored) as? [String: Any])
        object["state"] = try JSONSerialization.jsonObject(with: JSONEncoder().encode(state))
        let flow = try JSONDecoder().decode(CodePayFlow.self, from: JSONSerialization.data(withJSONObject: object))
        #expect(flow.state == state)
        return flow
    }

    @Test("whatever happens, no more than one charge, and no reversal before 15 seconds", arguments: 0..<200 as Range<UInt64>)
    func random(seed: UInt64) throws {
        let chance = SeededRandom(seed)
        var flow = CodePayFlow(CodePayRequest.sample)
        var now = Self.since
        var charges = 0
        var event = Event.resumed
        for _ in 0..<60 {
            let action = flow.next(event, now: now)
            switch action {
            case .charge: charges += 1
            case .query(let due): now = max(now, due)
            case .reverse(let due):
                now = max(now, due)
                #expect(now >= Self.at(15), "seed \(seed)")
            case .finish: break
            }
            // As after a restart, the value is the stored one.
            flow = try JSONDecoder().decode(CodePayFlow.self, from: JSONEncoder().encode(flow))
            let bytes = chance.bytes(2)
            event = Self.events[Int(bytes[0]) % Self.events.count]
            now = now.advanced(by: .seconds(Int64(bytes[1]) % 12))
        }
        #expect(charges == 1, "seed \(seed)")
    }

    @Test("a stored flow does not hold the payer's code")
    func stored() throws {
        let text = String(decoding: try JSONEncoder().encode(CodePayFlow(CodePayRequest.sample)), as: UTF8.self)
        #expect(!text.contains(CodePayOrder.sample.authCode) && text.contains("order_1234"))
    }
}
