"""From an OAuth client and a code to a filled-in `.env`: what `--set-up` does."""
