"""How full the fields are: records that pass by are counted, and no value of them is kept."""
