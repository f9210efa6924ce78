"""Writes the dbt package: what is the same for each organisation is copied, the rest made."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import jinja2

from zohocrm_atlas.atlas import Atlas
from zohocrm_atlas.dbt_package.models import METADATA, StagingModel, plain
from zohocrm_atlas.dialects import DIALECTS
from zohocrm_atlas.formulas.twins import Twins
from zohocrm_atlas.standards.datapackage import write_usage
from zohocrm_atlas.text_templates import text_templates

_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""What YAML does not let stand in a text."""
_COMMON = Path(__file__).with_name("package")
_PLACE = """\
    schema: "{{ var('zohocrm_schema') or \
('main' if target.type == 'duckdb' else 'tap_zohocrm_modules') }}"
    database: "{{ var('zohocrm_database') or target.database }}"
    quoting: {identifier: true}"""


def write_dbt_package(
    atlas: Atlas, models: Sequence[StagingModel], formulas: Sequence[Twins], folder: Path
) -> None:
    """Writes the package of this organisation into the folder, which is made."""
    shutil.copytree(_COMMON, folder)
    templates = text_templates(
        "zohocrm_atlas.dbt_package",
        plain=plain,
        quoted=_quoted,
        identifier=_identifier,
        quoted_identifier=_quoted_identifier,
    )
    found = {"atlas": atlas, "models": models, "metadata": METADATA, "place": _PLACE}
    sources = templates.get_template("sources.yml.j2").render(found)
    (folder / "models" / "sources.yml").write_text(sources, "utf-8")
    records = folder / "models" / "records"
    records.mkdir()
    for model in models:
        sql = templates.get_template("model.sql.j2").render(model=model)
        (records / f"{model.name}.sql").write_text(sql, "utf-8")
    if models:
        properties = templates.get_template("records.yml.j2").render(found)
        (records / "records.yml").write_text(properties, "utf-8")
    if atlas.snapshot.usage:
        (folder / "seeds").mkdir()
        write_usage(atlas, folder / "seeds" / "zohocrm_field_usage.csv")
    _write_formulas(formulas, folder / "models" / "formulas", templates)


def _write_formulas(several: Sequence[Twins], folder: Path, templates: jinja2.Environment) -> None:
    formulas = [each for each in several if each.twins]
    if not formulas:
        return
    folder.mkdir()
    for twins in formulas:
        found = {"twins": twins, "dialects": list(DIALECTS)}
        sql = templates.get_template("formulas.sql.j2").render(found)
        (folder / f"{twins.name}.sql").write_text(sql, "utf-8")
    properties = templates.get_template("formulas.yml.j2").render(formulas=formulas)
    (folder / "formulas.yml").write_text(properties, "utf-8")


def _quoted(words: str) -> str:
    """A text in YAML's double quotes, whose escapes are those of JSON."""
    quoted = json.dumps(words, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def _identifier(name: str) -> str:
    # Snowflake's loaders let names be spelt in capitals.
    return f"{{{{ '{name.upper()}' if target.type == 'snowflake' else '{name}' }}}}"


def _quoted_identifier(name: str) -> str:
    # Elsewhere names without quotes are found whatever their case.
    return f"{{{{ '\"{name}\"' if target.type == 'postgres' else '{name}' }}}}"
