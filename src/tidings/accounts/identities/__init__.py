"""Identities: who somebody is at a provider, by which they sign in here."""
