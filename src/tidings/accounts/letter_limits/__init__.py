"""How many letters an address may be sent in a day at the wish of strangers."""
