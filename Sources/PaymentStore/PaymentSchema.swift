import SQLDatabase

/// The tables of the payment domain. A migration that has landed is never edited; a new one is added.
///
/// Only BIGINT, TEXT and the dialect's blob; moments are milliseconds, money is fen. Every key starts with the merchant.
package enum PaymentSchema {
    package static let migrations = [
        Migration(id: 1, name: "payments") { dialect in
            let states = "'created','pending','user_paying','closed','failed','paid'"
            let open = "'created','pending','user_paying'"
            return [
                """
                CREATE TABLE payments (
                    merchant TEXT NOT NULL, id TEXT NOT NULL, version BIGINT NOT NULL,
                    channel TEXT NOT NULL, method TEXT NOT NULL, mchid TEXT NOT NULL, appid TEXT NOT NULL,
                    out_trade_no TEXT NOT NULL, channel_order_id TEXT, transaction_id TEXT,
                    total BIGINT NOT NULL CHECK (total > 0), currency TEXT NOT NULL, payer_total BIGINT,
                    description TEXT NOT NULL, attach TEXT, reference TEXT, openid TEXT, notify_url TEXT NOT NULL,
                    state TEXT NOT NULL CHECK (state IN (\(states))),
                    prepay_id TEXT, prepaid_at BIGINT, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL,
                    success_time BIGINT, closed_at BIGINT, failure_code TEXT,
                    next_query_at BIGINT, query_count BIGINT NOT NULL, last_query_at BIGINT,
                    PRIMARY KEY (merchant, id),
                    CHECK ((state = 'paid') = (transaction_id IS NOT NULL)),
                    CHECK (state NOT IN ('paid', 'failed') OR next_query_at IS NULL))
                """,
                "CREATE UNIQUE INDEX payments_out_trade_no ON payments (merchant, out_trade_no)",
                """
                CREATE UNIQUE INDEX payments_open_reference ON payments (merchant, reference)
                    WHERE reference IS NOT NULL AND state IN (\(open))
                """,
                "CREATE UNIQUE INDEX payments_transaction_id ON payments (merchant, transaction_id) WHERE transaction_id IS NOT NULL",
                "CREATE INDEX payments_reference ON payments (merchant, reference) WHERE reference IS NOT NULL",
                "CREATE INDEX payments_next_query ON payments (merchant, next_query_at) WHERE next_query_at IS NOT NULL",
                """
                CREATE TABLE payment_events (
                    merchant TEXT NOT NULL, payment_id TEXT NOT NULL, version BIGINT NOT NULL,
                    from_state TEXT, to_state TEXT NOT NULL, source TEXT NOT NULL, detail TEXT NOT NULL,
                    created_at BIGINT NOT NULL, PRIMARY KEY (merchant, payment_id, version))
                """,
                """
                CREATE TABLE ledger_entries (
                    merchant TEXT NOT NULL, id TEXT NOT NULL, line BIGINT NOT NULL, payment_id TEXT NOT NULL,
                    account TEXT NOT NULL, amount BIGINT NOT NULL, currency TEXT NOT NULL, created_at BIGINT NOT NULL,
                    PRIMARY KEY (merchant, id, line))
                """,
                "CREATE INDEX ledger_entries_payment ON ledger_entries (merchant, payment_id)",
                """
                CREATE TABLE outbox (
                    merchant TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, payment_id TEXT, data TEXT NOT NULL,
                    created_at BIGINT NOT NULL, position BIGINT, PRIMARY KEY (merchant, id))
                """,
                "CREATE UNIQUE INDEX outbox_position ON outbox (position) WHERE position IS NOT NULL",
                "CREATE INDEX outbox_unpublished ON outbox (created_at) WHERE position IS NULL",
                "CREATE TABLE outbox_head (name TEXT NOT NULL PRIMARY KEY, position BIGINT NOT NULL)",
                "INSERT INTO outbox_head (name, position) VALUES ('outbox', 0)",
                """
                CREATE TABLE idempotency_keys (
                    client TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, merchant TEXT NOT NULL,
                    payment_id TEXT, lease_until BIGINT NOT NULL, created_at BIGINT NOT NULL,
                    status BIGINT, body TEXT, PRIMARY KEY (client, key))
                """,
            ] + dialect.appendOnly("payment_events") + dialect.appendOnly("ledger_entries")
        },
        Migration(id: 2, name: "payment methods and sub-merchants") { _ in
            [
                // A code_url or h5_url is no prepay_id; which of them it is follows from the method.
                "ALTER TABLE payments RENAME COLUMN prepay_id TO prepay",
                "ALTER TABLE payments ADD COLUMN sub_mchid TEXT",
                "ALTER TABLE payments ADD COLUMN sub_appid TEXT",
                "ALTER TABLE payments ADD COLUMN options TEXT",
                "ALTER TABLE payments ADD COLUMN charged_at BIGINT CHECK (charged_at IS NULL OR method = 'codepay')",
                "ALTER TABLE payments ADD COLUMN reversed_at BIGINT CHECK (reversed_at IS NULL OR state = 'closed')",
                "ALTER TABLE payments ADD COLUMN reversing_at BIGINT CHECK (reversing_at IS NULL OR method = 'codepay')",
                // The references of one sub-merchant are no business of another's.
                "DROP INDEX payments_open_reference",
                """
                CREATE UNIQUE INDEX payments_open_reference ON payments (merchant, COALESCE(sub_mchid, ''), reference)
                    WHERE reference IS NOT NULL AND state IN ('created','pending','user_paying')
                """,
                "CREATE INDEX payments_sub_mchid ON payments (merchant, sub_mchid, id) WHERE sub_mchid IS NOT NULL",
                "ALTER TABLE outbox ADD COLUMN sub_mchid TEXT",
            ]
        },
        refunds,
        webhooks,
    ]
}
