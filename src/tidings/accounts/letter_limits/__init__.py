"""How many letters an address may be sent in a day, by what causes them."""
