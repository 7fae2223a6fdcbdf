"""What is asked: studies, rule packs, walking profiles, and every parameter's one owner."""
