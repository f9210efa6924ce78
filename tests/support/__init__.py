"""What the tests share: running the tap, and judging what it wrote."""
