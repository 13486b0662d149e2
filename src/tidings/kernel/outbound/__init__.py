"""The one way out: requests to addresses that people gave (providers, webhooks, push services)."""
