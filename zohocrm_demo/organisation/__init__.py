"""The organisation behind the demo: plain JSON values, free to be edited between runs."""

from zohocrm_demo.organisation.model import Organisation
from zohocrm_demo.organisation.sample import sample_organisation

__all__ = ["Organisation", "sample_organisation"]
