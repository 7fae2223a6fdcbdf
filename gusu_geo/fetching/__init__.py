"""How do the OSM data of a study get here? From Overpass tile by tile, or out of a large file."""
