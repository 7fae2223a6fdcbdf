"""Putting it together: read, judge, survey, draw, write; each question one function."""
