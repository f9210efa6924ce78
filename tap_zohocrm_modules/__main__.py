"""Starts the tap: `tap-zohocrm-modules`, or `python -m tap_zohocrm_modules`."""

from __future__ import annotations

import gc


def main() -> None:
    """Run the command line."""
    # What is imported stays: to look for garbage in it takes a quarter of the time that it takes
    # to import, and again whenever a run collects.
    gc.disable()
    from tap_zohocrm_modules.tap import TapZohoCRMModules  # noqa: PLC0415 - see above

    gc.freeze()
    gc.enable()
    TapZohoCRMModules.cli()


if __name__ == "__main__":
    main()
