"""What an organisation has made of its modules: layouts, views, picklists, tags, templates."""

from __future__ import annotations

from dataclasses import dataclass, field

from zohocrm_demo.organisation import (
    communication,
    custom_views,
    layouts,
    picklists,
    related_lists,
    small_settings,
    zia,
)
from zohocrm_demo.organisation.references import Fields, Row


@dataclass(slots=True)
class Customization:
    """The settings of modules, in the shapes in which Zoho returns them, one row whole.

    A key that only the call for one row has is in the rows here, and left out of the list.

    Attributes:
        layouts: By the module's API name; `sections[].fields[]` are completed out of the
            organisation's fields, a field that isn't there is left out.
        related_lists: By the module's API name.
        custom_views: By the module's API name.
        pipelines: By the id of the layout.
        map_dependencies: By the id of the layout.
        global_picklists: With their values; which fields use one is told by the fields.
        replaced_values: By the id of the global picklist whose values are being replaced.
        tags: By the module's API name.
        tag_record_counts: By the id of the tag.
        record_locking_configurations: By the module's API name.
        duplicate_check_preferences: By the module's API name.
        wizards: Of all modules.
        data_sharing: One row a module.
        email_templates: Of all modules.
        inventory_templates: Of all modules.
        unsubscribe_links: All.
        unsubscribe_link_associations: One row a link that is used.
        signals: All.
        data_enrichment: What Zia is to look up.
        zia_org_enrichments: Organisations looked up, with what was asked and found.
        zia_people_enrichments: People looked up, likewise.
    """

    layouts: dict[str, list[Row]] = field(default_factory=dict)
    related_lists: dict[str, list[Row]] = field(default_factory=dict)
    custom_views: dict[str, list[Row]] = field(default_factory=dict)
    pipelines: dict[str, list[Row]] = field(default_factory=dict)
    map_dependencies: dict[str, list[Row]] = field(default_factory=dict)
    global_picklists: list[Row] = field(default_factory=list)
    replaced_values: dict[str, list[Row]] = field(default_factory=dict)
    tags: dict[str, list[Row]] = field(default_factory=dict)
    tag_record_counts: dict[str, int] = field(default_factory=dict)
    record_locking_configurations: dict[str, list[Row]] = field(default_factory=dict)
    duplicate_check_preferences: dict[str, Row] = field(default_factory=dict)
    wizards: list[Row] = field(default_factory=list)
    data_sharing: list[Row] = field(default_factory=list)
    email_templates: list[Row] = field(default_factory=list)
    inventory_templates: list[Row] = field(default_factory=list)
    unsubscribe_links: list[Row] = field(default_factory=list)
    unsubscribe_link_associations: list[Row] = field(default_factory=list)
    signals: list[Row] = field(default_factory=list)
    data_enrichment: list[Row] = field(default_factory=list)
    zia_org_enrichments: list[Row] = field(default_factory=list)
    zia_people_enrichments: list[Row] = field(default_factory=list)


def customization(modules: list[Row], fields: Fields) -> Customization:
    """The sample's settings of modules.

    The fields are told what they are part of: layouts, global picklists, related lists.
    """
    made = layouts.layouts(modules, fields)
    layouts.associate(fields, made)
    global_picklists = picklists.global_picklists(fields)
    tags = small_settings.tags(modules)
    templates = communication.email_templates(modules)
    links = communication.unsubscribe_links()
    return Customization(
        layouts=made,
        related_lists=related_lists.related_lists(modules, fields),
        custom_views=custom_views.custom_views(modules, fields),
        pipelines=picklists.pipelines(fields, made),
        map_dependencies=picklists.map_dependencies(fields, made),
        global_picklists=global_picklists,
        replaced_values={
            row["id"]: [{"display_value": "Fair", "reference_value": "Fair"}]
            for row in global_picklists[:1]
        },
        tags=tags,
        tag_record_counts=small_settings.tag_record_counts(tags),
        record_locking_configurations=small_settings.record_locking_configurations(modules, fields),
        duplicate_check_preferences=small_settings.duplicate_check_preferences(modules, fields),
        wizards=small_settings.wizards(modules, made),
        data_sharing=small_settings.data_sharing(modules),
        email_templates=templates,
        inventory_templates=communication.inventory_templates(modules),
        unsubscribe_links=links,
        unsubscribe_link_associations=communication.unsubscribe_link_associations(links, templates),
        signals=communication.signals(),
        data_enrichment=zia.data_enrichment(modules, fields),
        zia_org_enrichments=zia.org_enrichments(),
        zia_people_enrichments=zia.people_enrichments(),
    )
