"""Signing up: who may become an account, what they wait for, and who decides."""
