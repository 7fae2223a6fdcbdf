"""Reading what planners and OpenStreetMap hold into clean tables. One reader a module."""
