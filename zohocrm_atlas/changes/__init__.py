"""What differs between two reads of an organisation, and the log of it."""
