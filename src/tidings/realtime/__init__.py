"""Open streams, kept in step with the database: hub, doorbell, signals, presence, edges. Knows no domain."""
