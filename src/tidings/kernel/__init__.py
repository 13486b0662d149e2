"""What every domain stands on: database, clock, ids, errors, events, crypto, pages, HTTP frame. Knows no domain."""
