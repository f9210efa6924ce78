from __future__ import annotations

import pytest

from zohocrm_demo import DemoOrganisation

from .conftest import Client, assert_refused

SETTINGS = "/crm/v8/settings"
SHIFTS = f"{SETTINGS}/business_hours/shift_hours"
HOLIDAYS = f"{SETTINGS}/holidays"
VARIABLES = f"{SETTINGS}/variables"
FEATURES = "/crm/v8/__features"
PORTALS = f"{SETTINGS}/portals"
CURRENCIES = "/crm/v8/org/currencies"


def test_objects_not_arrays(client: Client) -> None:
    hours = client.get(f"{SETTINGS}/business_hours").json()["business_hours"]
    year = client.get(f"{SETTINGS}/fiscal_year").json()["fiscal_year"]

    assert hours["daily_timing"] is None
    assert [day["days"] for day in hours["custom_timing"]] == hours["business_days"]
    assert year["start_month"] == "April"


def test_shifts_and_their_details(client: Client, demo: DemoOrganisation) -> None:
    body = client.get(SHIFTS).json()
    shifts = {}
    for listed in body["shift_hours"]:
        assert listed["users"] is listed["holidays"] is listed["break_hours"] is None
        shift = client.rows(f"{SHIFTS}/{listed['id']}", "shift_hours")[0]
        assert len(shift["users"] or []) == shift["users_count"] == listed["users_count"]
        shifts[shift["id"]] = shift
    staffed = [shift for shift in shifts.values() if shift["users"]]
    assert body["shift_count"] == {"total_shift_with_user": len(staffed)}
    for user in demo.organisation.users:
        if user["$current_shift"] is not None:
            workers = shifts[user["$current_shift"]["id"]]["users"]
            assert user["id"] in {worker["id"] for worker in workers}
    assert any(shift["holidays"] for shift in shifts.values())
    assert client.get(f"{SHIFTS}/1").status_code == 204


def test_shifts_follow_their_users(client: Client, demo: DemoOrganisation) -> None:
    for user in demo.organisation.users:
        user["$current_shift"] = None

    body = client.get(SHIFTS).json()

    assert body["shift_count"] == {"total_shift_with_user": 0}
    assert {shift["users_count"] for shift in body["shift_hours"]} == {0}


def test_holidays_by_year_type_and_shift(client: Client, demo: DemoOrganisation) -> None:
    every = client.rows(HOLIDAYS, "holidays")
    shifts = {shift["id"]: shift["name"] for shift in demo.organisation.shift_hours}

    for row in every:
        assert (row["type"] == "shift_holiday") is (row["shift_hour"] is not None)
        assert row["date"].startswith(f"{row['year']}-")
        if row["shift_hour"] is not None:
            assert shifts[row["shift_hour"]["id"]] == row["shift_hour"]["name"]
    in_2026 = client.rows(HOLIDAYS, "holidays", year="2026", type="business_holiday")
    assert {(row["year"], row["type"]) for row in in_2026} == {(2026, "business_holiday")}
    shift = next(row["shift_hour"]["id"] for row in every if row["shift_hour"])
    own = client.rows(HOLIDAYS, "holidays", shift_id=shift)
    assert {row["shift_hour"]["id"] for row in own} == {shift}
    assert client.get(HOLIDAYS, params={"year": "2099"}).status_code == 204
    assert client.rows(f"{HOLIDAYS}/{own[0]['id']}", "holidays") == own[:1]
    assert client.get(f"{HOLIDAYS}/1").status_code == 204


@pytest.mark.parametrize(
    ("param", "value"), [("year", "26"), ("year", "1999"), ("shift_id", "early")]
)
def test_patterns_of_holidays(client: Client, param: str, value: str) -> None:
    answer = client.get(HOLIDAYS, params={param: value})

    assert assert_refused(answer, 400, "PATTERN_NOT_MATCHED") == {"api_name": param}


def test_one_base_currency_and_numbers_in_quotes(client: Client, demo: DemoOrganisation) -> None:
    currencies = client.rows(CURRENCIES, "currencies")
    company = demo.organisation.company

    base = [row for row in currencies if row["is_base"]]
    assert [row["iso_code"] for row in base] == [company["iso_code"]]
    assert base[0]["symbol"] == company["currency_symbol"]
    assert float(base[0]["exchange_rate"]) == 1
    for row in currencies:
        assert isinstance(row["exchange_rate"], str)
        assert row["format"]["decimal_places"].isdecimal()
    assert {row["is_active"] for row in currencies} == {True, False}
    picked = next(
        field for field in demo.organisation.fields["Deals"] if field["api_name"] == "Currency"
    )
    codes = {value["actual_value"] for value in picked["pick_list_values"]}
    assert codes - {"-None-"} <= {row["iso_code"] for row in currencies}
    assert client.rows(f"{CURRENCIES}/{currencies[1]['id']}", "currencies") == [currencies[1]]
    assert client.get(f"{CURRENCIES}/1").status_code == 204


def test_variables_and_their_groups(client: Client) -> None:
    listed = client.rows(f"{SETTINGS}/variable_groups", "variable_groups")
    groups = {row["id"]: row for row in listed}
    variables = client.rows(VARIABLES, "variables")

    for row in variables:
        group = groups[row["variable_group"]["id"]]
        assert group["api_name"] == row["variable_group"]["api_name"]
        assert isinstance(row["value"], str)
        for wanted in (row["id"], row["api_name"]):
            found = client.rows(f"{VARIABLES}/{wanted}", "variables", group=group["api_name"])
            assert found == [row]
    first = next(iter(groups))
    assert client.rows(f"{SETTINGS}/variable_groups/{first}", "variable_groups") == [groups[first]]


def test_refusals_of_variables(client: Client) -> None:
    rows = client.rows(VARIABLES, "variables")
    one = f"{VARIABLES}/{rows[0]['id']}"
    other_group = rows[-1]["variable_group"]["id"]

    details = assert_refused(client.get(one), 400, "REQUIRED_PARAM_MISSING")
    assert details == {"param_name": "group"}
    details = assert_refused(client.get(one, params={"group": other_group}), 400, "INVALID_DATA")
    assert details == {"resource_path_index": 2}
    assert_refused(client.get(one, params={"group": "none"}), 400, "INVALID_DATA")
    assert_refused(client.get(f"{SETTINGS}/variable_groups/1"), 400, "INVALID_DATA")


def test_senders(client: Client, demo: DemoOrganisation) -> None:
    rows = client.rows(f"{SETTINGS}/emails/actions/from_addresses", "from_addresses")

    assert [row["email"] for row in rows if row["default"]] == [demo.organisation.users[0]["email"]]
    assert rows[0]["id"] is None


def test_contact_roles(client: Client) -> None:
    path = "/crm/v8/Contacts/roles"
    rows = client.rows(path, "contact_roles")

    assert [row["sequence_number"] for row in rows] == list(range(1, len(rows) + 1))
    assert client.rows(f"{path}/{rows[2]['id']}", "contact_roles") == [rows[2]]
    assert client.get(f"{path}/1").status_code == 204
    assert_refused(client.get("/crm/v8/contacts/roles"), 400, "INVALID_MODULE")


def test_appointment_preferences_on_demand(client: Client, demo: DemoOrganisation) -> None:
    path = f"{SETTINGS}/appointment_preferences"
    key = "deal_record_configuration"
    plain = client.get(path).json()["appointment_preferences"]
    whole = client.get(path, params={"include": key}).json()["appointment_preferences"]

    deals = {field["id"] for field in demo.organisation.fields["Deals"]}
    configuration = whole.pop(key)
    assert plain == whole
    assert {mapping["field"]["id"] for mapping in configuration["field_mappings"]} <= deals
    assert_refused(client.get(path, params={"include": "all"}), 400, "INVALID_DATA")


def test_features(client: Client) -> None:
    rows = client.rows(FEATURES, "__features")
    names = {row["api_name"] for row in rows}

    parents = {row["parent_feature"]["api_name"] for row in rows if row["parent_feature"]}
    assert parents < names
    assert any(row["details"] is None for row in rows)
    for row in rows:
        if row["details"] is not None:
            counts = {name: part["total"] for name, part in row["details"].items()}
            assert counts["available_count"] + counts["used_count"] == counts["limits"]
    assert client.rows(f"{FEATURES}/{rows[1]['api_name']}", "__features") == [rows[1]]
    two = client.rows(FEATURES, "__features", api_names="portals,custom_field")
    assert [row["api_name"] for row in two] == ["portals", "custom_field"]
    by_module = client.rows(FEATURES, "__features", module="Leads")
    assert by_module == [row for row in rows if row["module_supported"]]


def test_refusals_of_features(client: Client) -> None:
    assert_refused(client.get(FEATURES, params={"module": "leads"}), 400, "INVALID_MODULE")
    assert_refused(client.get(FEATURES, params={"api_names": "magic"}), 400, "INVALID_DATA")
    assert_refused(client.get(f"{FEATURES}/magic"), 400, "INVALID_DATA")


def test_apis(client: Client) -> None:
    rows = client.rows("/crm/v8/__apis", "__apis")

    assert len({row["path"] for row in rows}) == len(rows)
    for row in rows:
        for operation in row["operation_types"]:
            assert operation.keys() == {"method", "oauth_scope", "max_credits", "min_credits"}
            assert operation["oauth_scope"].startswith("ZohoCRM.")


def test_portals_their_kinds_and_users(client: Client, demo: DemoOrganisation) -> None:
    organisation = demo.organisation
    modules = {module["id"]: module["api_name"] for module in organisation.modules}
    portal = client.rows(PORTALS, "portals")[0]
    whole = client.rows(f"{PORTALS}/{portal['name']}", "portals")[0]

    assert "id" not in portal
    assert {key: whole[key] for key in portal} == portal
    assert "saml_configuration" in whole.keys() - portal.keys()
    path = f"{PORTALS}/{portal['name']}/user_type"
    kinds = client.rows(path, "user_type")
    assert [kind["default"] for kind in kinds] == [True, False]
    for kind in kinds:
        assert client.rows(f"{path}/{kind['id']}", "user_type") == [kind]
        for module in (kind["personality_module"], *kind["modules"]):
            assert modules[module["id"]] == module["api_name"]
        for module in kind["modules"]:
            fields = {field["id"] for field in organisation.fields[module["api_name"]]}
            assert {field["id"] for field in module["fields"]} <= fields
        answer = client.get(f"{path}/{kind['id']}/users")
        users = answer.json()["users"] if answer.status_code == 200 else []
        active = sum(user["active"] for user in users)
        assert (kind["active_user_count"], kind["deactive_user_count"]) == (
            active,
            len(users) - active,
        )
    assert client.get(f"{path}/{kinds[1]['id']}/users").status_code == 204


def test_portal_users_tell_the_total_only(client: Client, demo: DemoOrganisation) -> None:
    kind, everybody = next(iter(demo.organisation.portal_users.items()))
    path = f"{PORTALS}/brightwaterclients/user_type/{kind}/users"

    page = client.get(path, params={"page": "2", "per_page": "5"}).json()
    assert page["info"] == {"total_count": len(everybody)}
    assert page["users"] == everybody[5:]
    assert client.get(path, params={"Source__s": "elsewhere"}).status_code == 204


def test_unknown_portals_and_kinds(client: Client) -> None:
    assert client.get(f"{PORTALS}/none").status_code == 204
    details = assert_refused(client.get(f"{PORTALS}/none/user_type"), 400, "INVALID_DATA")
    assert details == {"resource_path_index": 2}
    details = assert_refused(
        client.get(f"{PORTALS}/brightwaterclients/user_type/1/users"), 400, "INVALID_DATA"
    )
    assert details == {"resource_path_index": 4}
