"""Makes tables of CSV files."""
