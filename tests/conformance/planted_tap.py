"""The tap with one of the simulation's defects: `planted_tap.py DEFECT ARGUMENTS…`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from simulation.defects import DEFECTS
from tap_zohocrm_modules.__main__ import main

name = sys.argv.pop(1)
with DEFECTS[name].put_in():
    main()
