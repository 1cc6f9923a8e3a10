import DatabaseHarness
import PaymentPrimitives
import Payments
import SQLDatabase
import Synchronization
import Testing

@Suite("A charge of a payer's code, from the request to its end")
struct CodePayServiceTests {
    private func with(_ engine: Engine, _ body: (ScriptedService) async throws -> Void) async throws {
        try await StoreFixture.run(engine) { try await body(ScriptedService($0)) }
    }

    private func payment(_ created: PaymentService.Created) throws -> Payment {
        guard case .payment(let payment, nil) = created else { throw PaymentError(.notFound, "\(created)") }
        return payment
    }

    @Test("A charge that WeChat finishes is paid at once, and its code is kept nowhere", arguments: Engine.allCases)
    func paidAtOnce(engine: Engine) async throws {
        try await with(engine) { system in
            system.channel.set(\.charge, .known(.finished(system.facts(.success))))
            let made = try payment(try await system.service.create(system.request(.codePay), idempotency: system.key()))
            #expect(made.state == .paid)
            #expect(made.expiresAt == made.createdAt.advanced(by: .seconds(45)))
            #expect(system.channel.calls == ["charge"])
            let value1 = try await system.store.integer("SELECT COUNT(*) FROM ledger_entries")
            #expect(value1 == 2)
            for table in ["payments", "payment_events", "outbox", "idempotency_keys"] {
                let rows = try await system.store.database.read { try $0.query("SELECT * FROM \(table)", []) }
                #expect(!rows.isEmpty && !rows.contains { "\($0.values)".contains("130000000000000001") }, "\(table)")
            }
            await system.run(seconds: 60)
            #expect(system.channel.calls == ["charge"], "there is nothing to ask for")
        }
    }

    @Test("A password is waited for, and the payment is found by asking after 5, 15, 25 seconds", arguments: Engine.allCases)
    func password(engine: Engine) async throws {
        try await with(engine) { system in
            system.channel.set(\.charge, .known(.userPaying))
            system.channel.set(\.query, .known(system.facts(.userPaying)))
            let made = try await system.service.create(system.request(.codePay), idempotency: nil)
            #expect(try payment(made).state == .userPaying)
            await system.run(seconds: 4)
            #expect(system.channel.calls == ["charge"])
            await system.run(seconds: 1)
            #expect(system.channel.calls == ["charge", "query"])
            await system.run(seconds: 10)
            #expect(system.channel.calls == ["charge", "query", "query"])
            system.channel.set(\.query, .known(system.facts(.success)))
            await system.run(seconds: 10)
            let found1 = try await system.stored
            #expect(found1.state == .paid)
            #expect(system.channel.calls == ["charge", "query", "query", "query"])
        }
    }

    @Test(
        "Nobody types the password: after 45 seconds the charge is taken back, and again until WeChat says so",
        arguments: Engine.allCases)
    func takenBack(engine: Engine) async throws {
        try await with(engine) { system in
            system.channel.set(\.charge, .known(.userPaying))
            system.channel.set(\.query, .known(system.facts(.userPaying)))
            _ = try await system.service.create(system.request(.codePay), idempotency: nil)
            await system.run(seconds: 44)
            #expect(system.channel.calls.filter { $0 == "reverse" } == [])
            await system.run(seconds: 1)
            #expect(system.channel.calls.suffix(2) == ["query", "reverse"])
            let found2 = try await system.stored
            #expect(found2.state == .userPaying, "no answer is no end")
            await system.run(seconds: 10)
            #expect(system.channel.calls.filter { $0 == "reverse" }.count == 2)
            system.channel.set(\.reverse, .known(()))
            await system.run(seconds: 10)
            let end = try await system.stored
            #expect(end.state == .closed)
            #expect(end.reversedAt != nil)
            let events = try await system.store.storage.timeline(merchant: "shop1", paymentID: end.id)
            #expect(events.last?.detail.contains("reversed") == true)
            #expect(events.last?.source == "reverse")
            let calls = system.channel.calls.count
            await system.run(seconds: 120)
            #expect(system.channel.calls.count == calls)
        }
    }

    @Test(
        "A success that is seen while a reversal may be under way is not booked: the money may be going back already",
        arguments: Engine.allCases)
    func successDuringReversal(engine: Engine) async throws {
        try await with(engine) { system in
            system.channel.set(\.charge, .known(.userPaying))
            system.channel.set(\.query, .known(system.facts(.userPaying)))
            _ = try await system.service.create(system.request(.codePay), idempotency: nil)
            await system.run(seconds: 45)
            #expect(system.channel.calls.last == "reverse", "and no answer came")
            let reversing = try await system.stored
            #expect(reversing.reversingAt != nil)
            // The payer types the password at the last moment; the reversal lands after that.
            system.channel.set(\.query, .known(system.facts(.success)))
            let asked = try await system.restarted.sync(merchant: "shop1", id: reversing.id)
            #expect(asked.state == .userPaying)
            system.channel.set(\.reverse, .known(()))
            await system.run(seconds: 70, system.restarted)
            let end = try await system.stored
            #expect(end.state == .closed)
            let entries = try await system.store.integer("SELECT COUNT(*) FROM ledger_entries")
            #expect(entries == 0)
        }
    }

    @Test("A reversal that WeChat refuses leaves the charge as it stands: who has paid has paid", arguments: Engine.allCases)
    func reversalRefused(engine: Engine) async throws {
        try await with(engine) { system in
            system.channel.set(\.charge, .known(.userPaying))
            system.channel.set(\.query, .known(system.facts(.userPaying)))
            _ = try await system.service.create(system.request(.codePay), idempotency: nil)
            await system.run(seconds: 45)
            system.channel.set(\.query, .known(system.facts(.success)))
            system.channel.set(\.reverse, .refused(code: "REVERSE_EXPIRE", message: "过期", final: true))
            await system.run(seconds: 70)
            let end = try await system.stored
            #expect(end.state == .paid)
            #expect(end.reversingAt == nil)
        }
    }

    @Test(
        "A payment of another merchant number is not asked for: a stranger's \"no such order\" would be believed",
        arguments: Engine.allCases)
    func otherMerchantNumber(engine: Engine) async throws {
        try await with(engine) { system in
            system.channel.set(\.begin, .known(BegunOrder(prepay: "wx1")))
            let made = try await system.service.create(system.request(.miniProgram), idempotency: nil)
            guard case .payment(let payment, _) = made else { throw PaymentError(.notFound, "\(made)") }
            system.channel.mchid.withLock { $0 = "1900000009" }
            let calls = system.channel.calls
            let refused = await #expect(throws: PaymentError.self) {
                _ = try await system.service.close(merchant: "shop1", id: payment.id)
            }
            #expect(refused?.code == .unavailable)
            #expect(refused?.message.contains("1900000009") == true)
            #expect(system.channel.calls == calls)
        }
    }

    @Test(
        "A charge without an answer is never charged again, whoever asks and however often the server starts",
        arguments: Engine.allCases)
    func neverTwice(engine: Engine) async throws {
        try await with(engine) { system in
            let request = system.request(.codePay, reference: "table 7")
            let unknown = await #expect(throws: PaymentError.self) {
                _ = try await system.service.create(request, idempotency: system.key())
            }
            #expect(unknown?.code == .resultUnknown)
            try await system.service.release(system.key(), merchant: "shop1")
            system.store.clock.advance(by: .seconds(3))
            // The same request asks; WeChat does not know yet.
            system.channel.set(\.query, ScriptedService.absent)
            let again = await #expect(throws: PaymentError.self) {
                _ = try await system.restarted.create(request, idempotency: system.key())
            }
            #expect(again?.code == .resultUnknown)
            // Another code for the same table is refused as long as the first may take the money.
            var other = request
            other.outTradeNo = "NUMBER02"
            let second = await #expect(throws: PaymentError.self) {
                _ = try await system.restarted.create(other, idempotency: system.key("k2"))
            }
            #expect(second?.code == .conflict)
            #expect(second?.field == "reference")
            // It had gone through: the job of a new start finds it.
            system.channel.set(\.query, .known(system.facts(.success)))
            await system.run(seconds: 30, system.restarted)
            let found3 = try await system.stored
            #expect(found3.state == .paid)
            #expect(system.channel.calls.filter { $0 == "charge" }.count == 1)
            try await system.service.release(system.key(), merchant: "shop1")
            let found = try payment(try await system.restarted.create(request, idempotency: system.key()))
            #expect(found.state == .paid)
            #expect(system.channel.calls.filter { $0 == "charge" }.count == 1)
            let value2 = try await system.store.integer("SELECT COUNT(*) FROM payments")
            #expect(value2 == 1)
        }
    }

    @Test("A charge that WeChat never got is given up when the code is dead", arguments: Engine.allCases)
    func neverArrived(engine: Engine) async throws {
        try await with(engine) { system in
            _ = try? await system.service.create(system.request(.codePay), idempotency: nil)
            system.channel.set(\.query, ScriptedService.absent)
            system.channel.set(\.reverse, .refused(code: ChannelCode.orderNotExist, message: "订单不存在", final: true))
            await system.run(seconds: 119)
            let found4 = try await system.stored
            #expect(found4.state == .created)
            await system.run(seconds: 10)
            let found5 = try await system.stored
            #expect(found5.state == .closed)
        }
    }

    @Test(
        "A refusal is a failure, except of a number that is taken: then WeChat is asked whose it is", arguments: Engine.allCases)
    func refused(engine: Engine) async throws {
        try await with(engine) { system in
            system.channel.set(\.charge, .refused(code: "AUTH_CODE_EXPIRE", message: "二维码已过期", final: true))
            let error = await #expect(throws: PaymentError.self) {
                _ = try await system.service.create(system.request(.codePay), idempotency: system.key())
            }
            #expect(error?.code == .refusedByWeChat)
            #expect(error?.wechatCode == "AUTH_CODE_EXPIRE")
            let found6 = try await system.stored
            #expect(found6.state == .failed)
        }
        try await with(engine) { system in
            system.channel.set(\.charge, .refused(code: ChannelCode.orderPaid, message: "该订单已支付", final: false))
            var facts = system.facts(.success)
            facts.successTime = system.store.clock.now.advanced(by: .seconds(-3600))
            system.channel.set(\.query, .known(facts))
            let error = await #expect(throws: PaymentError.self) {
                _ = try await system.service.create(system.request(.codePay), idempotency: nil)
            }
            #expect(error?.wechatCode == ChannelCode.outTradeNoUsed)
            let value3 = try await system.store.integer("SELECT COUNT(*) FROM ledger_entries")
            #expect(value3 == 0, "paid an hour ago, for somebody else")
        }
    }

    @Test("Closing takes a charge back, not before 15 seconds, and never one that is paid", arguments: Engine.allCases)
    func close(engine: Engine) async throws {
        try await with(engine) { system in
            system.channel.set(\.charge, .known(.userPaying))
            system.channel.set(\.query, .known(system.facts(.userPaying)))
            system.channel.set(\.reverse, .known(()))
            let made = try payment(try await system.service.create(system.request(.codePay), idempotency: nil))
            system.store.clock.advance(by: .seconds(14))
            let early = await #expect(throws: PaymentError.self) {
                _ = try await system.service.close(merchant: "shop1", id: made.id)
            }
            #expect(early?.code == .inProgress)
            #expect(!system.channel.calls.contains("reverse"))
            system.store.clock.advance(by: .seconds(1))
            let end = try await system.service.close(merchant: "shop1", id: made.id)
            #expect(end.state == .closed)
            #expect(!system.channel.calls.contains("close"))
        }
        try await with(engine) { system in
            system.channel.set(\.charge, .known(.userPaying))
            system.channel.set(\.query, .known(system.facts(.success)))
            let made = try payment(try await system.service.create(system.request(.codePay), idempotency: nil))
            system.store.clock.advance(by: .seconds(20))
            let end = try await system.service.close(merchant: "shop1", id: made.id)
            #expect(end.state == .paid)
            #expect(!system.channel.calls.contains("reverse"))
        }
    }

    @Test(
        "What the payer pays with is asked for anew when it has grown old, after two hours or five minutes",
        arguments: Engine.allCases)
    func freshness(engine: Engine) async throws {
        for (method, kind, seconds) in [
            (PaymentMethod.native, Prepay.Kind.codeURL, Int64(110 * 60)), (.h5, .h5URL, 240), (.app, .prepayID, 110 * 60),
        ] {
            try await with(engine) { system in
                var request = system.request(method, reference: "R")
                request.expiresAt = system.store.clock.now.advanced(by: .seconds(86_400))
                system.channel.set(\.begin, .known(BegunOrder(prepay: "first")))
                func handOff() async throws -> ClientHandOff? {
                    guard case .payment(_, let handOff) = try await system.service.create(request, idempotency: nil) else {
                        return nil
                    }
                    return handOff
                }
                let value4 = try await handOff()
                #expect(value4 == ClientHandOff(type: kind.rawValue, fields: [kind.rawValue: "first"]))
                system.channel.set(\.begin, .known(BegunOrder(prepay: "second")))
                system.store.clock.advance(by: .seconds(seconds - 1))
                let value5 = try await handOff()?.fields[kind.rawValue]
                #expect(value5 == "first")
                let code = try? await system.stored.codeToScan(at: system.store.clock.now)
                #expect(code == (method == .native ? "first" : nil))
                system.store.clock.advance(by: .seconds(1))
                let stored = try await system.stored
                let old = #expect(throws: PaymentError.self) { try stored.codeToScan(at: system.store.clock.now) }
                #expect(old?.code == (method == .native ? .wrongState : .notFound))
                #expect(method != .native || old?.message.contains("ask for the payment again") == false)
                let value6 = try await handOff()?.fields[kind.rawValue]
                #expect(value6 == "second")
                let value7 = try await system.store.integer("SELECT COUNT(*) FROM payments")
                #expect(value7 == 1)
            }
        }
    }
}
