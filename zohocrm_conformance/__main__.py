"""`python -m zohocrm_conformance`."""

import sys

from zohocrm_conformance.cli import main

sys.exit(main())
