"""Reads OpenStreetMap and the files of planners into clean tables: one reader per module."""
