"""The HTTP frame: one transaction a request, problem+json for every refusal, idempotent POSTs, safe headers."""
