"""How long it takes: points linked to streets, metres made time, nearest venues, ways walked."""
