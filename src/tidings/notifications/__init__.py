"""Types, plans, inboxes and streams: from one call of `notify()` to what each person sees."""
