"""Bodies paired with communities: fit, model, its two stages, and what is told of the pairs."""
