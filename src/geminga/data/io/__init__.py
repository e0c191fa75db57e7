"""File formats of event lists, time intervals and observations."""
