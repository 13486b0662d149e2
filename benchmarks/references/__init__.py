"""What our figures are compared with: a pattern many apps use, and the least that does the same durable work."""
