"""The organisation behind the demo: plain JSON values, free to be edited between runs."""

from zohocrm_demo.organisation.sample import Organisation, sample_organisation

__all__ = ["Organisation", "sample_organisation"]
