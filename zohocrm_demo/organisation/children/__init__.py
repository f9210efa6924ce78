"""What belongs to records and is in no module: links, e-mails, timelines, shares, locks, states."""
