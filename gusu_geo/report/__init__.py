"""What people get to see: the map, the workbook, the tables."""
