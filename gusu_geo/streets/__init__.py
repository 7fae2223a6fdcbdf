"""The walking network as arrays, and barriers, gates, plazas and slopes on it."""
