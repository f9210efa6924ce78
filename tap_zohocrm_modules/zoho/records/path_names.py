"""The names of the read paths, as the setting `read_path` and STATE spell them."""

from __future__ import annotations

REST, COQL, BULK = "rest", "coql", "bulk"
