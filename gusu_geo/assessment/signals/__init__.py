"""Signals of residents: where they are many, and whether gaps are asked for."""
