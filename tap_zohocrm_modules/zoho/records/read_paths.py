"""The read paths that there are, in the order of the setting `read_path`."""

from __future__ import annotations

from tap_zohocrm_modules.zoho.records.bulk.path import BulkPath
from tap_zohocrm_modules.zoho.records.coql.path import CoqlPath
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.records.pacer import DownloadPacer
from tap_zohocrm_modules.zoho.records.read_path import ReadPath
from tap_zohocrm_modules.zoho.records.rest.path import RestPath

READ_PATHS: tuple[type[ReadPath], ...] = (RestPath, CoqlPath, BulkPath)


def read_paths(limits: Limits, pacer: DownloadPacer) -> tuple[ReadPath, ...]:
    """Return the read paths of one run, whose downloads the pacer keeps apart."""
    return RestPath(limits), CoqlPath(limits), BulkPath(limits, pacer)
