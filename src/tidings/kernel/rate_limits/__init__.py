"""How often somebody may do something: limits, where they are counted, and what an answer says of them."""
