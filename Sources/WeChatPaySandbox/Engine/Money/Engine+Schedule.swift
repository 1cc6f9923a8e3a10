import PaymentPrimitives

extension Engine {
    /// When the platform itself has something to do next, in business time: a refund arrives, a day is settled.
    var nextScheduled: Timestamp? {
        [state.money.refundsDue.values.min(), state.money.settlementDue].compactMap(\.self).min()
    }

    /// Does what has fallen due by a moment, in due order, each thing at its own time, however late the call comes.
    mutating func runScheduled(upTo moment: Moment) {
        while let due = nextScheduled, due <= moment.business {
            let then = Moment(wire: moment.wire, business: due)
            let arriving = state.money.refundsDue.filter { $0.value == due }.keys.sorted()
            for key in arriving { finishRefund(key, then) }
            if state.money.settlementDue == due { settleDay(then) }
        }
    }
}
