"""Reads OpenStreetMap files: streets, areas, nodes and boundaries."""
