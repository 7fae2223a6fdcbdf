"""How far one comes: reached streets, polygons, service areas. Pictures, never verdicts."""
