"""Arrow for programs in Python, without Singer: what `tap_zohocrm_modules.read()` does."""
