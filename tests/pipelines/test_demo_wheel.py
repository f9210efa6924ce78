"""The distribution `zohocrm-demo` in an environment of its own, without the tap."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from pipelines.conftest import ROOT, clean_environment, uv
from zohocrm_demo.cli import _parser

PACKAGE = ROOT / "packages" / "zohocrm-demo"
CONNECTOR = ROOT / "tests" / "conformance" / "small_connector.py"


def run(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words,
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def test_both_distributions_have_one_licence() -> None:
    assert (PACKAGE / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_it_needs_no_more_than_the_tap() -> None:
    ours, tap = (
        (folder / "pyproject.toml").read_text("utf-8").partition("[project.scripts]")[0]
        for folder in (PACKAGE, ROOT)
    )
    needed = re.search(r"^dependencies = \[(.+)\]$", ours, re.MULTILINE)
    assert needed
    for one in re.findall(r'"(.+?)"', needed[1]):
        assert f'"{one}"' in tap, one


def test_the_container_file_fits_the_package() -> None:
    lines = (PACKAGE / "Containerfile").read_text("utf-8").replace("\\\n", "").splitlines()
    steps = {word: rest for word, _, rest in (line.partition(" ") for line in lines)}
    project = (PACKAGE / "pyproject.toml").read_text("utf-8")
    options = vars(_parser().parse_args(json.loads(steps["ENTRYPOINT"])[1:]))

    assert json.loads(steps["ENTRYPOINT"])[0] == "zohocrm-demo"
    assert re.search(r"^zohocrm-demo = ", project, re.MULTILINE)
    # The API host, the accounts host, the control API, the download host, and the proxy.
    assert steps["EXPOSE"] == f"{options['port']}-{options['port'] + 4}"
    assert "-f packages/zohocrm-demo/Containerfile ." in (PACKAGE / "README.md").read_text("utf-8")
    assert steps["COPY"] == "dist/zohocrm_demo-*.whl /tmp/"
    for extra in re.findall(r"\[(\w+)\]", steps["RUN"]):
        assert re.search(rf"^{extra} = \[", project, re.MULTILINE)
    (minor,) = re.findall(r"^python:3\.(\d+)-slim$", steps["FROM"])
    (lowest, beyond) = re.findall(r'requires-python = ">=3\.(\d+),<3\.(\d+)"', project)[0]
    assert int(lowest) <= int(minor) < int(beyond)


def company(demo: subprocess.Popen[str]) -> str:
    """What the organisation says it is called, to who reads what the command prints."""
    assert demo.stdout is not None
    lines: dict[str, str] = {}
    while "refresh token" not in lines:
        name, _, value = demo.stdout.readline().partition(": ")
        lines[name] = value.strip()
    form = "grant_type=refresh_token&client_id={client id}&client_secret={client secret}"
    body = f"{form}&refresh_token={{refresh token}}".format_map(lines).encode()
    with urllib.request.urlopen(f"{lines['accounts URL']}/oauth/v2/token", body) as answer:
        token = json.load(answer)["access_token"]
    asked = urllib.request.Request(
        f"{lines['API URL']}/crm/v8/org", headers={"Authorization": f"Zoho-oauthtoken {token}"}
    )
    with urllib.request.urlopen(asked) as answer:
        name = json.load(answer)["org"][0]["company_name"]
    return str(name)


@pytest.mark.heavy
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_it_works_alone(kind: str, tmp_path: Path) -> None:
    build = ("build", f"--{kind}", "--package", "zohocrm-demo", "--out-dir", str(tmp_path / "dist"))
    built = run(uv(), *build, folder=ROOT)
    assert built.returncode == 0, built.stderr
    (file,) = (path for path in (tmp_path / "dist").iterdir() if path.suffix in {".whl", ".gz"})
    made = run(uv(), "venv", "-q", "-p", sys.executable, "alone", folder=tmp_path)
    assert made.returncode == 0, made.stderr
    programs = tmp_path / "alone" / ("Scripts" if sys.platform == "win32" else "bin")
    install = ("pip", "install", "-q", "-p", str(programs / "python"), str(file))
    installed = run(uv(), *install, folder=tmp_path)
    assert installed.returncode == 0, installed.stderr
    listed = run(uv(), "pip", "list", "-q", "-p", str(programs / "python"), folder=tmp_path).stdout
    assert re.findall(r"^([\w-]+) +\d", listed, re.MULTILINE) == [
        "pyyaml",
        "typing-extensions",
        "zohocrm-demo",
    ]

    start = [str(programs / "zohocrm-demo"), "--seed", "1"]
    with subprocess.Popen(start, stdout=subprocess.PIPE, encoding="utf-8") as demo:
        try:
            assert company(demo) == "Brightwater Instruments"
        finally:
            demo.terminate()

    python = str(programs / "python")
    words = ("--case", "catalog", "--", python, str(CONNECTOR), "lines", "none", "{config}")
    card = run(str(programs / "zohocrm-conformance"), *words, folder=tmp_path)
    assert card.returncode == 0, card.stderr
    assert "No case has a stain." in card.stdout
