"""The small named world that demonstrations and tests share."""
