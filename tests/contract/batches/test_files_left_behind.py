"""docs/how-to/batch-files.md: whatever the loader does, no file of a run is left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.demo import config_for
from support.process import TAP
from support.records import records_catalog
from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation

ROOT = Path(__file__).parents[3]
SCRIPT = (
    (ROOT / "docs/how-to/batch-files.md")
    .read_text("utf-8")
    .partition("```sh\n")[2]
    .partition("```")[0]
)
LOADER = """#!{python}
import json, os, sys
from urllib.parse import urlsplit
modes, states = [], []
for line in sys.stdin:
    message = json.loads(line)
    if message["type"] == "BATCH":
        for url in message["manifest"]:
            path = urlsplit(url).path
            modes += [oct(os.stat(one).st_mode & 0o777) for one in (path, os.path.dirname(path))]
            print(path, file=sys.stderr)
    if message["type"] == "STATE":
        states.append(message["value"])
open("modes.json", "w").write(json.dumps(modes))
print(json.dumps(states[-1]), flush=True)
sys.exit({code})
"""

pytestmark = pytest.mark.thorough


@pytest.mark.parametrize("code", [0, 1])
def test_the_folder_goes_and_what_was_confirmed_stays(tmp_path: Path, code: int) -> None:
    with DemoOrganisation(awkward_sample) as demo:
        demo.organisation.records.resize("Leads", 30)
        settings = config_for(demo, record_modules=["Leads"])
        catalog = records_catalog("Leads")
        files = {"config": settings, "catalog": catalog, "state": {}}
        for name, value in files.items():
            (tmp_path / f"{name}.json").write_text(json.dumps(value), "utf-8")
        loader = tmp_path / "loader"
        loader.write_text(LOADER.format(python=sys.executable, code=code), "utf-8")
        loader.chmod(0o755)
        temporary = tmp_path / "temporary"
        temporary.mkdir()
        path = os.pathsep.join([str(tmp_path), str(TAP.parent), os.environ["PATH"]])
        done = subprocess.run(
            ["/bin/sh", "-c", SCRIPT],
            cwd=tmp_path,
            env={**os.environ, "PATH": path, "TMPDIR": str(temporary)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert json.loads((tmp_path / "modes.json").read_text("utf-8")) == ["0o600", "0o700"]
    assert done.stderr.count(str(temporary)) >= 1
    assert [*temporary.iterdir()] == []
    assert "Leads" in json.loads((tmp_path / "state.json").read_text("utf-8"))["bookmarks"]
