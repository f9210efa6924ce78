"""Where a loader has put the rows: read only, whatever kind of warehouse it is."""
