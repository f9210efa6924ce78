"""The query parameter `module`: which one it names, and whether the call serves it.

Source: https://www.zoho.com/crm/developer/docs/api/v8/status-codes.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zohocrm_demo.errors import ZohoError
from zohocrm_demo.organisation.references import has_tab

if TYPE_CHECKING:
    from zohocrm_demo.organisation import Organisation
    from zohocrm_demo.organisation.references import Row

_WITHOUT_API = ("INVALID_MODULE", "the given module is not supported in api")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModulePolicy:
    """Which modules a call serves, and what it answers to the others.

    Attributes:
        unknown: Code and message for a name that is no module's with an API, where they aren't
            the usual ones.
        kinds: The only `generated_type`s served; all if empty.
        except_kinds: `generated_type`s not served.
        excepted: API names not served.
        tab: Whether only modules that users see in a tab are served.
        refusal: Code and message for a module that isn't served.
    """

    unknown: tuple[str, str] | None = None
    kinds: Sequence[str] = ()
    except_kinds: Sequence[str] = ()
    excepted: Sequence[str] = ()
    tab: bool = False
    refusal: tuple[str, str] = ("NOT_SUPPORTED", "")

    def module(self, organisation: Organisation, name: str) -> Row:
        """The module of this API name; an id won't do.

        Raises:
            ZohoError: 400, for unknown modules, those without API and those not served.
        """
        module = organisation.module(name)
        if module is None or module["api_name"] != name:
            raise ZohoError(*self.unknown or ("INVALID_MODULE",), param_name="module")
        if not module["api_supported"]:
            raise ZohoError(*self.unknown or _WITHOUT_API, param_name="module")
        kind = module["generated_type"]
        if (
            (self.kinds and kind not in self.kinds)
            or kind in self.except_kinds
            or name in self.excepted
            or (self.tab and not has_tab(module))
        ):
            raise ZohoError(*self.refusal, param_name="module")
        return module
