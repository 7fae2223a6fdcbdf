"""What would change: scenario files, and venues and streets after them."""
