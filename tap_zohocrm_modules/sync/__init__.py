"""One run: what its streams share, and where STATE stands."""
