"""Where to build: candidates, demand, the exact model, and the plan."""
