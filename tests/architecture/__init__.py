"""What holds the house: rooms, arrows, sizes; house.yaml has the rules."""
