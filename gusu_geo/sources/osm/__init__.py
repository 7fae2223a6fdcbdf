"""OpenStreetMap files: read once, as streets, areas, nodes and boundaries."""
