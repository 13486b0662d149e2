"""Second factors: one-time codes, recovery codes, and passkeys, which stand for both factors at once."""
