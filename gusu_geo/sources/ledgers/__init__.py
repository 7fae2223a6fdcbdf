"""Reads ledgers (tables and shape files of planners) into clean points and polygons."""
