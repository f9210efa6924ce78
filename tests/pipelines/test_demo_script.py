"""The README's first command, after the installation of uv."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from pipelines.conftest import ROOT, Load, Project, run, uv

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(900)]


def demo(project: Project) -> subprocess.CompletedProcess[str]:
    return run([uv(), "run", "examples/demo.py"], folder=project.folder, timeout=800)


@pytest.fixture(scope="module")
def shown(project: Project, second_load: Load) -> str:
    """What the demo prints, in a project where somebody has set up an organisation of their own."""
    assert second_load.warehouse.exists()
    real = "TAP_ZOHOCRM_MODULES_ENVIRONMENT=production\nTAP_ZOHOCRM_MODULES_CLIENT_ID=a\n"
    (project.folder / ".env").write_text(real, "utf-8")
    try:
        done = demo(project)
    finally:
        (project.folder / ".env").unlink()
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_readme_has_the_lines_that_it_prints(shown: str) -> None:
    [block] = re.findall(
        r"```text\n(1/5 .*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL
    )
    # How long the run takes decides how much is asked for again.
    price = re.compile(r"\d+ credits, by \d+ calls")
    printed = [price.sub("a price", line.rstrip()) for line in shown.splitlines()]
    assert [line for line in price.sub("a price", block).splitlines() if line not in printed] == []


def test_it_shows_what_was_loaded_and_some_records(shown: str) -> None:
    assert "76 modules" in shown
    assert "2,000 Leads, 1,500 Contacts, 800 Deals" in shown
    titles = next(line for line in shown.splitlines() if "Last_Name" in line)
    assert titles.split() == ["Last_Name", "Company", "City", "Lead_Status"]
    assert max(map(len, shown.split("\n\n", maxsplit=1)[0].splitlines())) <= 100


def test_the_second_run_reads_what_has_changed(shown: str) -> None:
    assert "4 leads changed, 1 deleted; of fields 1 new, 1 renamed" in shown
    assert "Leads.Water_Hardness now holds 4.5 to 21.2 °dH" in shown
    assert "Office_Email the 1,716 values of Secondary_Email, No_of_Employees is DOUBLE" in shown
    assert "Website, which Zoho no longer has, keeps its 1,714 values" in shown
    (spent,) = re.findall(r"for (\d+) credits", shown)
    # Nothing like the first run's, which read all metadata.
    assert int(spent) < 40


def test_its_tables_are_verified(shown: str) -> None:
    assert "     verified: 4,299 of 4,299 records equal, " in shown


def test_it_leads_to_the_atlas(shown: str, project: Project) -> None:
    assert "output/atlas/index.html" in shown.replace("\\", "/")
    page = (project.folder / "output" / "atlas" / "index.html").read_text("utf-8")
    assert "Brightwater" in page
    found = re.search(r"with (\d+) changes of (\d+) kinds", shown)
    assert found
    assert (int(found[1]) >= 5, int(found[2]) >= 4) == (True, True)
    assert page.count('<span class="change ') >= 5
    assert (project.folder / "output" / "atlas" / "modules" / "Leads.html").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="the line is typed into a POSIX shell")
def test_the_line_to_type_works_as_printed(project: Project, shown: str) -> None:
    line = shown.strip().splitlines()[-1]
    done = run(["sh", "-c", line], folder=project.folder)

    assert done.returncode == 0, done.stderr
    assert "21.2" in done.stdout


def test_a_failure_is_one_line_and_an_exit_code(project: Project, shown: str) -> None:
    assert shown
    script = project.folder / "examples" / "demo.py"
    right = script.read_text("utf-8")
    script.write_text(
        right.replace('REFRESH_TOKEN": zoho.', 'REFRESH_TOKEN": "1000.x" + zoho.'), "utf-8"
    )
    try:
        done = demo(project)
    finally:
        script.write_text(right, "utf-8")

    assert done.returncode == 1
    [line] = [line for line in done.stderr.splitlines() if line.startswith("The demo failed")]
    assert "invalid_code" in line
    assert "1000.x" not in done.stdout + done.stderr
    assert "output/demo.log" in line.replace("\\", "/")
