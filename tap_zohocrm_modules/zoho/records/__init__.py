"""The records of modules: what they consist of, and the ways to read them."""
