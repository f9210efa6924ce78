"""`zohocrm-conformance` as people and pipelines use it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from zohocrm_conformance.case import read_cases
from zohocrm_conformance.cli import main

from .test_languages import CONNECTOR

READ = ["--", sys.executable, CONNECTOR, "lines"]
CASES = ["--case", "converted_leads", "--case", "no_time_of_change"]
CLEAN_AND_STAINED = [*READ, "one page", "{config}"]


@pytest.mark.thorough
def test_a_card_says_what_is_wrong(tmp_path: Path) -> None:
    card, junit = tmp_path / "card.md", tmp_path / "card.xml"

    code = main([*CASES, "--report", str(card), "--junit", str(junit), *CLEAN_AND_STAINED])

    assert code == 1
    text = card.read_text("utf-8")
    assert "1 of 2 cases have stains." in text
    assert (
        "| Leads are converted, before the first run and between two | - | - | - | - | - |" in text
    )
    assert "- lost: Accounts: 40 records are missing (" in text
    suite = ET.parse(junit).getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    (failed,) = [test.get("name") for test in suite if test.find("failure") is not None]
    assert failed == "no_time_of_change"


@pytest.mark.thorough
def test_a_card_without_a_stain_is_a_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*CASES, *READ, "none", "{config}"]) == 0
    assert "No case has a stain." in capsys.readouterr().out


PROBE = """
import json, os, sys, urllib.request
config = json.load(open(sys.argv[1]))
assert config["api_url"] == sys.argv[2] and config["accounts_url"] == sys.argv[3]
assert config["own"] == [config["client_id"]], config
assert os.environ["SSL_CERT_FILE"] == os.environ["REQUESTS_CA_BUNDLE"]
# By the proxy, at Zoho's own host.
url = "https://accounts.zoho.eu/oauth/v2/token"
body = ("grant_type=refresh_token&client_id=%(client_id)s&client_secret=%(client_secret)s"
        "&refresh_token=%(refresh_token)s" % config).encode()
found = json.load(urllib.request.urlopen(url, body))
assert found["api_domain"] == "https://www.zohoapis.eu", found
sys.exit("at the end: " + config["client_secret"])
"""


def test_a_connector_finds_what_the_docs_promise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = tmp_path / "more.json"
    more.write_text('{"own": ["{client_id}"]}', "utf-8")
    probe = [sys.executable, "-c", PROBE, "{config}", "{api_url}", "{accounts_url}"]
    case = read_cases(names=("catalog",))[0].name

    code = main(["--config", str(more), "--case", case, "--", *probe])

    assert code == 1
    card = capsys.readouterr().out
    assert "run 1 ended with 1: at the end: ***" in card, card


def test_a_connector_that_hangs_is_ended(capsys: pytest.CaptureFixture[str]) -> None:
    sleeper = [sys.executable, "-c", "import time; time.sleep(999)"]

    assert main(["--timeout", "1", "--case", "catalog", "--", *sleeper]) == 1

    assert "run 1 did not end in 1 s" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "COMMAND is missing"),
        (["--case", "nothing_such", "--", "x"], "there is no case nothing_such"),
        (["--cases", os.devnull, "--", "x"], "is not a case"),
        (["--streams", "leads", "--", "x"], "{module} is missing"),
        (["--case", "catalog", "--", "/nowhere/at/all"], "No such file"),
    ],
)
def test_bad_input_is_one_line(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)

    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line


@pytest.mark.thorough
def test_a_catalog_that_loses_columns_has_stains(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    earlier = tmp_path / "earlier.json"
    singer = [sys.executable, CONNECTOR, "singer", "none", "{config}", "{catalog}"]
    assert main(["--case", "catalog", "--keep-catalog", str(earlier), "--", *singer]) in {0, 1}
    kept = earlier.read_text("utf-8")
    earlier.write_text(kept.replace('"Account_Name"', '"Gone": {}, "Account_Name"'), "utf-8")

    main(["--case", "catalog", "--earlier-catalog", str(earlier), "--", *singer])

    assert "columns are gone since the earlier release: Gone" in capsys.readouterr().out


@pytest.mark.thorough
def test_a_connector_without_the_stream_says_what_it_has(
    capsys: pytest.CaptureFixture[str],
) -> None:
    singer = [sys.executable, CONNECTOR, "singer", "none", "{config}", "{catalog}"]

    assert main(["--case", "catalog", "--streams", "my_{module}", "--", *singer]) == 1

    assert "it has no stream my_Accounts, but Accounts" in capsys.readouterr().out
