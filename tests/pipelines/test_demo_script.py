"""The README's first command, after the installation of uv."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata

import pytest

from pipelines.conftest import Load, Project, run, uv

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(900)]


def demo(project: Project) -> subprocess.CompletedProcess[str]:
    return run([uv(), "run", "examples/demo.py"], folder=project.folder)


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


def columns(text: str) -> int:
    """Return how many columns of a terminal a line takes."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    narrow = sum(unicodedata.category(character) in {"Mn", "Mc", "Me", "Cf"} for character in text)
    return len(text) + wide - narrow


def test_the_modules_are_a_table_that_fits_a_terminal(shown: str, first_load: Load) -> None:
    lines = shown.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("name "))
    table = lines[first + 1 : lines.index("", first)]

    assert len(table) == len(first_load.rows("modules"))
    assert max(map(columns, table)) <= 100
    assert re.fullmatch(r"Leads +default +visible +1 +3 2025-04-24 17:32", table[1])
    assert re.search(r"^Nohin \(納品書一覧\) +custom", shown, re.MULTILINE)
    [(arabic,)] = first_load.query("SELECT plural_label FROM modules WHERE api_name = 'Ziyarat'")
    assert re.search(rf"^Ziyarat \(\u2068{arabic}\u2069\) +custom", shown, re.MULTILINE)


@pytest.mark.skipif(sys.platform == "win32", reason="the line is typed into a POSIX shell")
def test_the_line_to_type_works_as_printed(project: Project, shown: str) -> None:
    line = shown.strip().splitlines()[-1]
    done = run(["sh", "-c", line], folder=project.folder)

    assert done.returncode == 0, done.stderr
    assert "Water_Samples" in done.stdout


def test_a_failure_is_one_line_and_an_exit_code(project: Project) -> None:
    meltano_yml = project.folder / "meltano.yml"
    right = meltano_yml.read_text("utf-8")
    meltano_yml.write_text(right.replace("environment: demo", "environment: moon"), "utf-8")
    script = project.folder / "examples" / "demo.py"
    forced = script.read_text("utf-8")
    script.write_text(forced.replace('ENVIRONMENT": "demo"', 'DATA_CENTER": "us"'), "utf-8")
    try:
        done = demo(project)
    finally:
        meltano_yml.write_text(right, "utf-8")
        script.write_text(forced, "utf-8")

    assert done.returncode == 1
    [line] = [line for line in done.stderr.splitlines() if line.startswith("The demo failed")]
    assert "environment" in line
    assert "output/demo.log" in line.replace("\\", "/")
