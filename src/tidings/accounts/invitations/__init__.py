"""Inviting somebody by their address: the link makes one account, with no more rights than who invited has then."""
