"""Ledgers of planners and offices: any table or shape file to clean points and polygons."""
