"""What the README claims of speed, measured: each prints ratios against a named baseline."""
