"""Records as Arrow columns. Needs the extra `arrow`: imported only where a user wants files."""
