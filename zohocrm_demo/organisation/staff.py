"""Everybody who has or had an account: 24 active users, 186 inactive and 20 deleted ones.

Shape: https://www.zoho.com/crm/developer/docs/api/v8/get-users.html
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from zohocrm_demo.organisation.ids import USERS, make_id
from zohocrm_demo.organisation.local_time import ZONE_NAME, local
from zohocrm_demo.organisation.named import by_name
from zohocrm_demo.organisation.people import profile_refs, user_refs, users
from zohocrm_demo.organisation.references import Row
from zohocrm_demo.organisation.working_time import shift_refs

_ACTIVE = 24
_EMPLOYED = 210
_ALL = 230

# Invited, hasn't confirmed yet. Builds in the sandbox. Was changed by nobody since he came.
_UNCONFIRMED, _DEVELOPER, _UNTOUCHED = 21, 22, 23
_UNTOUCHED_EVERY = 17
_MONONYM = 40
_DISABLED = {30: "disabled manually", 31: "disabled due to license downgrade"}

_FIRST = (
    "Aiko Björn Chiara Dimitri Élise Farid Grace Hugo Inés Jamal Katya Luca Miriam Noor Oskar "
    "Paloma Quentin Rania Søren Thandi Ulla Víctor Wanjiru"
)
_LAST = (
    "Abelson Bianchi Castañeda Dlamini Eriksen Fontaine Grünwald Haddad Ito Jovanović Kimura "
    "Lefèvre Mbeki Novák O'Brien Papadopoulos Quispe Rossi Škoda Tanaka Usman Varga Weiß Xu "
    "Zając Ångström Ødegaard Łukasik Gül"
)
_FIRST_NAMES, _LAST_NAMES = _FIRST.split(), _LAST.split()

_ROLES = ("North Sales", "South Sales", "Field Service", "Water Chemistry")
_SEASONAL = "Seasonal Sampling"
_SUPERIORS = {
    "CEO": None,
    "Sales Director": "Ingrid",
    "Sales": "Tomás",
    "North Sales": "Amara",
    "South Sales": "Haruto",
    "Service": "Ingrid",
    "Field Service": "Leïla",
    "Laboratory": "Ingrid",
    "Water Chemistry": "Callum",
    _SEASONAL: "Zuzana",
    "Finance": "Ingrid",
}
_FIRST_DAY = datetime(2019, 3, 11, 16, 20, 5, tzinfo=timezone.utc)


def staff(roles: list[Row]) -> list[Row]:
    """All users, deleted ones too; the first is the one whose refresh token the tap has."""
    return _Builder(roles).everybody()


class _Builder:
    def __init__(self, roles: list[Row]) -> None:
        self._roles = by_name(roles)
        self._profiles = profile_refs()
        self._known = users()
        self._refs = user_refs()
        self._shifts = shift_refs()

    def everybody(self) -> list[Row]:
        return [self._user(index) for index in range(_ALL)]

    def _user(self, index: int) -> Row:
        person = self._person(index)
        superior = _SUPERIORS[person["role"]["name"]]
        untouched = index == _UNTOUCHED or (index > _ACTIVE and index % _UNTOUCHED_EVERY == 0)
        came = _FIRST_DAY + timedelta(days=9 * index, hours=index % 24)
        changed = came + timedelta(days=index * 37 % 400, minutes=index)
        abroad = index % 8 == 7  # noqa: PLR2004 (every eighth)
        return {
            "country": "JP" if abroad else "US",
            "name_format__s": "Salutation,First Name,Last Name",
            "language": "ja_JP" if abroad else "en_US",
            "microsoft": False,
            "id": person["id"],
            "state": None if abroad else "Oregon",
            "fax": None,
            "country_locale": "ja_JP" if abroad else "en_US",
            "sandboxDeveloper": index == _DEVELOPER,
            "zip": None if abroad else "97103",
            "decimal_separator": "Period",
            "created_time": local(came),
            "time_format": "HH:mm" if abroad else "hh:mm a",
            "profile": dict(person["profile"]),
            "created_by": None if index == 0 else self._ref("Ingrid"),
            "zuid": None if index >= _EMPLOYED else str(738_291_046 + 3 * index),
            "full_name": person["full_name"],
            "phone": None,
            "dob": None,
            "sort_order_preference__s": "First Name,Last Name",
            "status": _status(index),
            "role": dict(person["role"]),
            "customize_info": {
                "notes_desc": None,
                "show_right_panel": None,
                "bc_view": None,
                "show_home": False,
                "show_detail_view": True,
                "unpin_recent_item": None,
            },
            "city": "大阪" if abroad else "Astoria",
            "signature": "<div>Brightwater</div>" if index == 1 else None,
            "locale": "ja_JP" if abroad else "en_US",
            "personal_account": False,
            "default_tab_group": "0",
            "theme": _theme(),
            "street": None if index % 3 else "12 Pier Road",
            "alias": None,
            "first_name": person["first_name"],
            "email": person["email"],
            "website": None,
            "Modified_Time": None if untouched else local(changed),
            "Modified_By": None if untouched else self._ref("Ingrid"),
            "ezuid": f"1b{738_291_046 + 3 * index:x}",
            "image_link": f"https://profile.zoho.com/api/v1/user/{738_291_046 + 3 * index}/photo",
            "share_among_subordinates": False,
            "imap_status": False,
            "distance_preference__s": "Kilometers" if abroad else "Miles",
            "confirm": index != _UNCONFIRMED,
            "mobile": None,
            "last_name": person["last_name"],
            "time_zone": "Asia/Tokyo" if abroad else ZONE_NAME,
            "number_separator": "Comma",
            "date_format": "yyyy-MM-dd" if abroad else "MM/dd/yyyy",
            "type__s": "Sandbox Developer User" if index == _DEVELOPER else "Regular User",
            "status_reason__s": _DISABLED.get(index),
            "Reporting_To": None if superior is None else self._ref(superior),
            **self._in_shift(index),
        }

    def _person(self, index: int) -> Row:
        if index < len(self._known):
            return self._known[index]
        first = _FIRST_NAMES[index % len(_FIRST_NAMES)]
        last = _LAST_NAMES[index * 7 % len(_LAST_NAMES)]
        role = _ROLES[index % len(_ROLES)] if index < _ACTIVE else _SEASONAL
        profile = "Standard" if index < _ACTIVE else "Field Engineer"
        single = index == _MONONYM
        return {
            "id": make_id(USERS + 4 * index),
            "first_name": first,
            "last_name": None if single else last,
            "full_name": first if single else f"{first} {last}",
            "email": f"user{index}@brightwater-instruments.example",
            "role": self._roles[role],
            "profile": self._profiles[profile],
        }

    def _ref(self, first_name: str) -> Row:
        return dict(self._refs[first_name])

    def _in_shift(self, index: int) -> Row:
        early, late, night = (dict(ref) for ref in self._shifts.values())
        current = {4: early, 10: early, 13: late, 7: night}.get(index)
        upcoming = late if index == 10 else None  # noqa: PLR2004 (one of the two who come early)
        return {
            "$current_shift": current,
            "Current_Shift__s": None if current is None else current["name"],
            "$next_shift": upcoming,
            "$shift_effective_from": None if upcoming is None else "2026-12-01",
        }


def _status(index: int) -> str:
    if index < _ACTIVE:
        return "active"
    if index in _DISABLED:
        return "disabled"
    return "inactive" if index < _EMPLOYED else "deleted"


def _theme() -> Row:
    plain = {"font_color": "#FFFFFF", "background": "#222222"}
    return {
        "normal_tab": dict(plain),
        "selected_tab": dict(plain),
        "header": dict(plain),
        "new_background": None,
        "background": "#F3F0EB",
        "screen": "fixed",
        "type": "default",
    }
