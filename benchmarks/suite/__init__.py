"""What asv times, commit by commit: `asv run` at the root of the repository."""
