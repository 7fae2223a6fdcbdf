"""Studies, rule packs and walking profiles: every parameter, its default and its bounds."""
