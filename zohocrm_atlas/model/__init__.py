"""What an organisation consists of, as frozen values: read from rows, kept in snapshots."""
