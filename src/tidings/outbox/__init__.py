"""The delivery record: what is to be sent, who sends it now, what became of it; and recurring tasks.

Rows are written with what they tell of, claimed by any worker under a lease, and kept as the record of their attempts.
"""
