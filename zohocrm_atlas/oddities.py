"""What looks unused or odd in an organisation: lists for somebody to go through."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import msgspec

from zohocrm_atlas.atlas import Atlas
from zohocrm_atlas.beside import read_beside
from zohocrm_atlas.intake.collector import RECORDS
from zohocrm_atlas.model.entities import Field
from zohocrm_atlas.model.usage import FieldUsage, TableUsage


@dataclass(frozen=True)
class Finding:
    """One thing to look at.

    Attributes:
        module: API name of the module that it is in.
        field: Id of the field, where it is one.
        name: What it is called.
        why: What is odd about it.
    """

    module: str
    name: str
    why: str
    field: str = ""


class Oddity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of finding, and the streams that it takes to find them (`oddities.json`)."""

    key: str
    title: str
    meaning: str
    streams: tuple[str, ...]

    def find(self, atlas: Atlas) -> Iterator[Finding]:
        """What there is of it."""
        return _FINDERS[self.key](atlas)


def _on_no_layout(atlas: Atlas) -> Iterator[Finding]:
    with_layouts = {layout.module for layout in atlas.snapshot.layouts}
    for field in atlas.snapshot.fields:
        custom = field.custom and field.module in with_layouts
        if custom and field.id not in atlas.layout_names and not field.layouts:
            yield Finding(field.module, field.label, f"{field.data_type}, on no layout", field.id)


def _unused_fields(atlas: Atlas) -> Iterator[Finding]:
    for field in atlas.snapshot.fields:
        if not field.in_use:
            yield Finding(field.module, field.label, "Zoho marks it as unused", field.id)


def _never_offered(atlas: Atlas) -> Iterator[Finding]:
    for value in atlas.snapshot.picklist_values:
        if not value.in_use:
            yield Finding(
                value.module, value.label, f"not offered by {value.field}", value.field_id
            )


def _without_api(atlas: Atlas) -> Iterator[Finding]:
    for module in atlas.modules:
        if not module.api_supported:
            yield Finding(module.api_name, module.label, f"{module.kind} module without API")


def _scheduled_for_deletion(atlas: Atlas) -> Iterator[Finding]:
    for module in atlas.modules:
        if module.status == "scheduled_for_deletion":
            yield Finding(module.api_name, module.label, "scheduled for deletion")


def _duplicate_labels(atlas: Atlas) -> Iterator[Finding]:
    labels = Counter(module.label.casefold() for module in atlas.modules)
    for module in atlas.modules:
        if labels[module.label.casefold()] > 1:
            yield Finding(module.api_name, module.label, f"{module.api_name} shares its label")
    for module in atlas.modules:
        same = defaultdict(list)
        for field in atlas.fields(module.api_name):
            same[field.label.casefold()].append(field)
        for fields in same.values():
            names = ", ".join(field.api_name for field in fields)
            if len(fields) > 1:
                yield Finding(module.api_name, fields[0].label, f"label of {names}", fields[0].id)


def _without_fields(atlas: Atlas) -> Iterator[Finding]:
    for module in atlas.modules:
        if module.api_supported and not atlas.fields(module.api_name):
            yield Finding(module.api_name, module.label, "no field came of it")


def _picklists_without_choice(atlas: Atlas) -> Iterator[Finding]:
    for field in atlas.snapshot.fields:
        values = [value for value in atlas.values(field.id) if value.in_use]
        if field.data_type in {"picklist", "multiselectpicklist"} and len(values) <= 1:
            offered = f"only {values[0].label}" if values else "no value"
            yield Finding(field.module, field.label, f"offers {offered}", field.id)


def _failing_webhooks(atlas: Atlas) -> Iterator[Finding]:
    for failure in atlas.items("webhook_failures"):
        reason, when = failure.facts.get("Reason", ""), failure.facts.get("Failed", "")
        yield Finding(failure.module, failure.name, f"{reason} at {when}")


def _idle_automation(atlas: Atlas) -> Iterator[Finding]:
    for stream in ("webhooks", "field_updates", "workflow_tasks"):
        for item in atlas.items(stream):
            if item.facts.get("In use") == "no":
                yield Finding(item.module, item.name, f"no rule uses it ({stream})")
    for rule in atlas.items("workflow_rules"):
        if rule.facts.get("Active") == "no":
            yield Finding(rule.module, rule.name, "switched off (workflow_rules)")


def _public(atlas: Atlas) -> Iterator[Finding]:
    for item in atlas.items("data_sharing"):
        sharing = item.facts.get("Sharing", "")
        if sharing.startswith("public"):
            yield Finding(item.module, atlas.label(item.module), sharing.replace("_", " "))


def _inactive(atlas: Atlas) -> Iterator[Finding]:
    for user in atlas.items("users"):
        if user.facts.get("Status", "active") != "active":
            profile = user.facts.get("Profile", "")
            yield Finding("", user.name, f"{user.facts['Status']}, profile {profile}")


def _empty_profiles(atlas: Atlas) -> Iterator[Finding]:
    links = [user.links.get("Profile", ()) for user in atlas.items("users")]
    used = {part for several in links for pair in several for part in pair}
    used |= {user.facts.get("Profile", "") for user in atlas.items("users")}
    for profile in atlas.snapshot.profiles if used else ():
        if not {profile.id, profile.name} & used:
            yield Finding("", profile.name, "no user has it")


def _near_labels(atlas: Atlas) -> Iterator[Finding]:
    for module in atlas.modules:
        same = defaultdict(list)
        for field in atlas.fields(module.api_name):
            same[re.sub(r"\W+|s\b", "", field.label.casefold())].append(field)
        for key, fields in same.items():
            labels = sorted({field.label for field in fields})
            if key and len(labels) > 1:
                names = ", ".join(labels)
                yield Finding(module.api_name, fields[0].label, f"beside {names}", fields[0].id)


def _personal(atlas: Atlas) -> Iterator[Finding]:
    for field in atlas.snapshot.fields:
        if field.pii:
            yield Finding(field.module, field.label, ", ".join(field.pii), field.id)


def _warehouse(atlas: Atlas) -> Iterator[Finding]:
    for each in atlas.verified.streams if atlas.verified else ():
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in each.kinds.items())
        if each.problem or kinds:
            module = atlas.module(each.stream.removesuffix(RECORDS))
            why = each.problem or f"{kinds}, of {each.zoho or 0:,}"
            yield Finding(module.api_name if module else "", each.stream, why)


def _of_usage(atlas: Atlas) -> Iterator[tuple[Field, FieldUsage, TableUsage]]:
    for module in atlas.modules:
        usage = atlas.usage(module.api_name)
        for field in atlas.fields(module.api_name) if usage and usage.records else ():
            one = usage.by_column.get(field.api_name) if usage else None
            if usage and one:
                yield field, one, usage


def _never_filled(atlas: Atlas) -> Iterator[Finding]:
    for field, one, usage in _of_usage(atlas):
        if not one.filled:
            shown = "" if field.id in atlas.layout_names or field.layouts else ", on no layout"
            why = f"{field.data_type}, empty in {usage.records:,} records{shown}"
            yield Finding(field.module, field.label, why, field.id)


def _outside_picklist(atlas: Atlas) -> Iterator[Finding]:
    for field, one, _ in _of_usage(atlas):
        if one.outside:
            yield Finding(field.module, field.label, f"in {one.outside:,} records", field.id)


def _astray(atlas: Atlas) -> Iterator[Finding]:
    for field, one, _ in _of_usage(atlas):
        if one.astray:
            yield Finding(field.module, field.label, f"{one.astray:,} different ids", field.id)


_FINDERS: Mapping[str, Callable[[Atlas], Iterator[Finding]]] = MappingProxyType(
    {
        "no-layout": _on_no_layout,
        "unused-fields": _unused_fields,
        "never-offered": _never_offered,
        "no-choice": _picklists_without_choice,
        "duplicate-labels": _duplicate_labels,
        "no-api": _without_api,
        "no-fields": _without_fields,
        "deletion": _scheduled_for_deletion,
        "failing-webhooks": _failing_webhooks,
        "idle": _idle_automation,
        "public": _public,
        "inactive": _inactive,
        "empty-profiles": _empty_profiles,
        "near-labels": _near_labels,
        "personal": _personal,
        "never-filled": _never_filled,
        "outside-picklist": _outside_picklist,
        "astray": _astray,
        "warehouse": _warehouse,
    }
)
OF_USAGE = frozenset({"never-filled", "outside-picklist", "astray"})
"""What is known only where records have been counted."""
ODDITIES = read_beside(__file__, tuple[Oddity, ...])


def find_oddities(atlas: Atlas) -> Sequence[tuple[Oddity, Sequence[Finding]]]:
    """All findings, by kind."""
    without = set() if atlas.verified else {"warehouse"}
    without |= set() if atlas.snapshot.usage else OF_USAGE
    shown = [one for one in ODDITIES if one.key not in without]
    return [(oddity, list(oddity.find(atlas))) for oddity in shown]
