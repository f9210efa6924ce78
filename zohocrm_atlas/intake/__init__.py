"""Rows of the tap's streams into the values of the model; the streams' columns are known here."""
