"""The atlas: what a Zoho CRM organisation consists of, as pages, models and a log of changes.

A Singer target. It knows the streams of tap-zohocrm-modules by their names and columns, and
nothing of the tap's inside.
"""

from zohocrm_atlas.target import TargetZohoCRMAtlas

__all__ = ["TargetZohoCRMAtlas"]
