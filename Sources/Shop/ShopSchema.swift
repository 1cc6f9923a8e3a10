import SQLDatabase

/// The shop's tables.
package enum ShopSchema {
    package static let migrations = [
        Migration(id: 1001, name: "shop") { dialect in
            [
                """
                CREATE TABLE shop_sessions (
                    merchant TEXT NOT NULL, token_digest \(dialect.blobType) NOT NULL, openid TEXT NOT NULL,
                    created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, PRIMARY KEY (merchant, token_digest))
                """,
                "CREATE INDEX shop_sessions_expiry ON shop_sessions (merchant, expires_at)",
                """
                CREATE TABLE shop_orders (
                    merchant TEXT NOT NULL, id TEXT NOT NULL, openid TEXT NOT NULL,
                    state TEXT NOT NULL CHECK (state IN ('unpaid', 'fulfilled', 'closed')),
                    total BIGINT NOT NULL CHECK (total > 0), currency TEXT NOT NULL,
                    created_at BIGINT NOT NULL, fulfilled_at BIGINT, PRIMARY KEY (merchant, id),
                    CHECK ((state = 'fulfilled') = (fulfilled_at IS NOT NULL)))
                """,
                "CREATE INDEX shop_orders_unpaid ON shop_orders (merchant, created_at) WHERE state = 'unpaid'",
                "CREATE INDEX shop_orders_buyer ON shop_orders (merchant, openid, id)",
                """
                CREATE TABLE shop_order_items (
                    merchant TEXT NOT NULL, order_id TEXT NOT NULL, line BIGINT NOT NULL, sku TEXT NOT NULL,
                    name TEXT NOT NULL, price BIGINT NOT NULL, quantity BIGINT NOT NULL CHECK (quantity > 0),
                    PRIMARY KEY (merchant, order_id, line))
                """,
                """
                CREATE TABLE shop_fulfilments (
                    merchant TEXT NOT NULL, order_id TEXT NOT NULL, event_id TEXT NOT NULL, payment_id TEXT NOT NULL,
                    created_at BIGINT NOT NULL, PRIMARY KEY (merchant, order_id))
                """,
                "CREATE TABLE shop_cursors (merchant TEXT NOT NULL PRIMARY KEY, position BIGINT NOT NULL)",
            ] + dialect.appendOnly("shop_fulfilments")
        }
    ]
}
