"""Names that every warehouse takes: the rules of BigQuery, PostgreSQL and Snowflake.

https://cloud.google.com/bigquery/docs/schemas#column_names
https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS
https://docs.snowflake.com/en/sql-reference/identifiers-syntax
"""

from __future__ import annotations

import collections
import re

from destinations.discovered import WITH_BLANKS, Property, discovered, properties

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,299}", re.ASCII)
BIGQUERY_RESERVES = (
    "_table_", "_file_", "_partition", "_row_timestamp", "__root__", "_colidentifier",
    "_change_sequence_number", "_change_type", "_change_timestamp",
)  # fmt: skip
BIGQUERY_DEPTH = 15
POSTGRES_LENGTH = 63
LOADERS_OWN = "_sdc_"


def everything() -> list[Property]:
    found = [each for stream in discovered() for each in properties(stream)]
    assert len(discovered()) >= 67
    assert len(found) > 2_000
    return found


def test_columns_have_names_that_bigquery_takes() -> None:
    wrong = {
        str(each)
        for each in everything()
        if not NAME.fullmatch(each.name) or each.name.lower().startswith(BIGQUERY_RESERVES)
    }
    assert wrong == WITH_BLANKS


def test_no_two_columns_differ_in_case_only() -> None:
    times = collections.Counter(
        (each.stream, *each.path[:-1], each.name.lower()) for each in everything()
    )
    assert [names for names, count in times.items() if count > 1] == []


def test_no_two_streams_differ_in_case_only() -> None:
    names = [stream.lower() for stream in discovered()]
    assert len(set(names)) == len(names)


def test_columns_are_nested_no_deeper_than_bigquery_allows() -> None:
    assert max(len(each.path) for each in everything()) <= BIGQUERY_DEPTH


def test_postgres_cuts_off_no_name() -> None:
    names = {*discovered(), *(each.name for each in everything() if len(each.path) == 1)}
    assert [name for name in names if len(name.encode()) > POSTGRES_LENGTH] == []


def test_no_column_is_the_loaders_own() -> None:
    own = [each for each in everything() if each.name.lower().startswith(LOADERS_OWN)]
    assert {each.name for each in own} <= {"_sdc_deleted_at"}


def test_every_column_has_one_type() -> None:
    # Without a type, or with two, loaders drop the column, crash, or make it text.
    for each in everything():
        types = each.schema["type"]
        kinds = {types} if isinstance(types, str) else set(types) - {"null"}
        assert len(kinds) == 1, str(each)
        assert not each.schema.keys() & {"anyOf", "oneOf", "allOf", "enum", "$ref"}, str(each)
        assert kinds != {"array"} or each.schema["items"]["type"], str(each)
