"""What people see of a run: the map, the workbook, the tables."""
