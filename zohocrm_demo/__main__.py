"""`python -m zohocrm_demo`: the same as `zohocrm-demo`."""

import sys

from zohocrm_demo.cli import main

sys.exit(main())
