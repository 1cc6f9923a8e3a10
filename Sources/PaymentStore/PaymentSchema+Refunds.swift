import SQLDatabase

extension PaymentSchema {
    /// Refunds, and what payments know of theirs.
    ///
    /// What is promised (`refund_reserved`) may for a moment be more than was paid, when somebody refunds by hand what is
    /// asked for here; what has arrived (`refunded`) may not.
    static let refunds = Migration(id: 3, name: "refunds") { dialect in
        let states = "'created','waiting_for_funds','processing','abnormal','closed','succeeded'"
        return [
            """
            CREATE TABLE refunds (
                merchant TEXT NOT NULL, id TEXT NOT NULL, version BIGINT NOT NULL, payment_id TEXT NOT NULL,
                kind TEXT NOT NULL CHECK (kind IN ('requested','duplicate','external','reversal')),
                mchid TEXT NOT NULL, sub_mchid TEXT, out_trade_no TEXT NOT NULL, out_refund_no TEXT NOT NULL, refund_id TEXT,
                transaction_id TEXT NOT NULL, amount BIGINT NOT NULL CHECK (amount > 0), currency TEXT NOT NULL,
                total BIGINT NOT NULL, counted BIGINT NOT NULL CHECK (counted IN (0, 1)), reason TEXT, funds_account TEXT,
                notify_url TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN (\(states))),
                payer_refund BIGINT, settlement_refund BIGINT, user_received_account TEXT, failure_code TEXT,
                created_at BIGINT NOT NULL, accepted_at BIGINT, success_time BIGINT, next_action_at BIGINT,
                try_count BIGINT NOT NULL, last_query_at BIGINT,
                PRIMARY KEY (merchant, id), CHECK (amount <= total),
                CHECK ((state = 'succeeded') = (success_time IS NOT NULL)),
                CHECK (state NOT IN ('processing', 'abnormal', 'succeeded') OR accepted_at IS NOT NULL),
                CHECK (state NOT IN ('closed', 'succeeded') OR next_action_at IS NULL))
            """,
            "CREATE UNIQUE INDEX refunds_out_refund_no ON refunds (merchant, out_refund_no)",
            "CREATE UNIQUE INDEX refunds_refund_id ON refunds (merchant, refund_id) WHERE refund_id IS NOT NULL",
            "CREATE UNIQUE INDEX refunds_duplicate ON refunds (merchant, transaction_id) WHERE kind = 'duplicate'",
            "CREATE INDEX refunds_payment ON refunds (merchant, payment_id)",
            "CREATE INDEX refunds_next_action ON refunds (merchant, next_action_at) WHERE next_action_at IS NOT NULL",
            """
            CREATE TABLE refund_events (
                merchant TEXT NOT NULL, refund_id TEXT NOT NULL, payment_id TEXT NOT NULL, version BIGINT NOT NULL,
                from_state TEXT, to_state TEXT NOT NULL, source TEXT NOT NULL, detail TEXT NOT NULL,
                created_at BIGINT NOT NULL, PRIMARY KEY (merchant, refund_id, version))
            """,
            "CREATE INDEX refund_events_payment ON refund_events (merchant, payment_id)",
            "ALTER TABLE payments ADD COLUMN refunded BIGINT NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND total)",
            """
            ALTER TABLE payments ADD COLUMN refund_reserved BIGINT NOT NULL DEFAULT 0
                CHECK (refund_reserved >= refunded AND (refund_reserved = 0 OR state = 'paid'))
            """,
            """
            ALTER TABLE payments ADD COLUMN refund_count BIGINT NOT NULL DEFAULT 0
                CHECK ((refund_count = 0) = (refund_reserved = 0) AND refund_count >= 0)
            """,
            "ALTER TABLE idempotency_keys ADD COLUMN refund_id TEXT",
        ] + dialect.appendOnly("refund_events")
    }
}
