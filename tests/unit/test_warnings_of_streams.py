"""A stream's row of `sync_report` has the warnings about it, whatever their texts say."""

from __future__ import annotations

import logging

from tap_zohocrm_modules.sync.report import WarningCollector
from tap_zohocrm_modules.zoho.transport.stream_warnings import about

logger = logging.getLogger("tap_zohocrm_modules.somewhere")


def test_a_warning_belongs_to_the_stream_that_it_is_about() -> None:
    collector = WarningCollector()
    collector.attach()
    try:
        logger.warning("%s: it is odd", "Leads", extra=about("Leads"))
        logger.warning("It is odd, too", extra=about("Leads"))
        logger.warning("Leads: no more than a text that begins so")
        logger.warning("Leads: of another stream", extra=about("Deals"))
        logger.info("Leads: not a warning", extra=about("Leads"))
    finally:
        collector.detach()
    logger.warning("later", extra=about("Leads"))

    assert collector.about("Leads") == ["Leads: it is odd", "It is odd, too"]
    assert collector.about("Deals") == ["Leads: of another stream"]
    assert len(collector.all()) == 4
