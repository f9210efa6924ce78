"""The records of the organisation: made up on demand, changed by whoever tests against them."""
