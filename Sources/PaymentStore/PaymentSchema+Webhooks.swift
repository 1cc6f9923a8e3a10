import SQLDatabase

extension PaymentSchema {
    /// Which events are on their way to which client, and how far each client has been told.
    static let webhooks = Migration(id: 4, name: "webhooks") { _ in
        [
            "CREATE TABLE webhook_cursors (client TEXT NOT NULL PRIMARY KEY, position BIGINT NOT NULL)",
            """
            CREATE TABLE webhook_deliveries (
                merchant TEXT NOT NULL, client TEXT NOT NULL, event_id TEXT NOT NULL, sub_mchid TEXT, kind TEXT NOT NULL,
                position BIGINT NOT NULL, state TEXT NOT NULL CHECK (state IN ('pending','delivered','dead')),
                attempts BIGINT NOT NULL CHECK (attempts >= 0), next_attempt_at BIGINT, last_attempt_at BIGINT,
                last_status BIGINT, last_error TEXT, created_at BIGINT NOT NULL, delivered_at BIGINT,
                PRIMARY KEY (merchant, client, event_id),
                CHECK ((state = 'pending') = (next_attempt_at IS NOT NULL)),
                CHECK (state <> 'delivered' OR delivered_at IS NOT NULL))
            """,
            """
            CREATE INDEX webhook_deliveries_due ON webhook_deliveries (client, next_attempt_at)
                WHERE next_attempt_at IS NOT NULL
            """,
            "CREATE INDEX webhook_deliveries_client ON webhook_deliveries (client, position)",
        ]
    }
}
