"""What is lacking: verdicts, zones, hours, detours and missing links."""
