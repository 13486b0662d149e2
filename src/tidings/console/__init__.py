"""What operators see and do across all domains: deliveries, kept mail, the state of the system."""
