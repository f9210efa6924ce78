"""The tags of a module: Bulk Read joins their names by commas, which names may contain, too.

https://www.zoho.com/crm/developer/docs/api/v8/get-tag-list.html
"""

from __future__ import annotations

import logging

from tap_zohocrm_modules.zoho.records.reading import Source
from tap_zohocrm_modules.zoho.transport.answers import read_rows
from tap_zohocrm_modules.zoho.transport.calls import Call
from tap_zohocrm_modules.zoho.transport.errors import ApiError, TokenRefusedError

logger = logging.getLogger(__name__)

_SCOPE = "ZohoCRM.settings.tags.READ"


def tag_names(source: Source) -> frozenset[str]:
    """Return the names of a module's tags; none where Zoho refuses to list them.

    Raises:
        ZohoError: the call failed.
    """
    params = (("module", source.module.api_name),)
    call = Call("/settings/tags", _SCOPE, params, stream=source.stream)
    try:
        rows = read_rows(source.client, call, "tags")
    except TokenRefusedError:
        raise
    except ApiError as error:
        logger.info(
            "%s: records with several tags are read by Get Records, since Zoho refuses to list the"
            " tags (%s). Allow the scope %s to save these calls.",
            source.stream,
            error.refusal,
            _SCOPE,
        )
        return frozenset()
    return frozenset(name for row in rows if isinstance(name := row.get("name"), str))
