"""One module's life: what a run plans of it, reads, and leaves in STATE."""
