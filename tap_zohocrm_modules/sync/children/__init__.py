"""Children of the records that changed, and sweeps over those of all."""
