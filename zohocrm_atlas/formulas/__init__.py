"""Formulas and roll-ups of Zoho CRM as SQL; what is not understood wholly is left out by name."""
