"""Whole runs: read, judge, survey, draw, write; one function per question."""
