"""A seeded simulation: an organisation that changes, a tap that is killed, and a destination."""
