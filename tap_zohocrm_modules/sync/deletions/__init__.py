"""What is gone: Zoho's lists of deletions, the recycle bin, sweeps, and the ids that are known."""
