"""What a run would read and cost: `--plan`, which makes no record."""
