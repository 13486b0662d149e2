"""How a message leaves: one folder a channel, each an address and a message, nothing more."""
