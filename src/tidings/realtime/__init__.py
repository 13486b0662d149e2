"""Open streams, kept in step with the database: hub, doorbell, signals, presence, WebSocket and SSE. Knows no domain."""
