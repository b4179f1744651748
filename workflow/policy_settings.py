"""An office policy's settings (name -> text, as the workbook gave them) as the engine's policy."""

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal, InvalidOperation

from engine.errors import AppError
from engine.portfolio import PlanKind, Policy, WashSalePolicy
from importers.office_layout import location_rates

NO_LIMIT = frozenset({"", "none", "null", "no limit"})


def policy_of(name: str, settings: Mapping[str, str]) -> Policy:
    """Return the policy of these settings; an empty setting keeps its default.

    Raises AppError naming the setting that cannot be read.
    """
    known = {field.name for field in fields(Policy)}
    values: dict[str, object] = {}
    for key, text in settings.items():
        if key in known and text.strip().lower() not in NO_LIMIT:
            values[key] = _value(name, key, text.strip())
    return Policy(**values)  # type: ignore[arg-type]


def _value(policy: str, key: str, text: str) -> object:
    try:
        if key == "wash_sales":
            return WashSalePolicy(text.lower())
        if key == "plan":
            return PlanKind(text.lower())
        if key == "location_rate":
            return location_rates(text)
        if key == "ripening_days":
            return int(Decimal(text))
        return Decimal(text.removesuffix("%")) / 100 if text.endswith("%") else Decimal(text)
    except (InvalidOperation, ValueError) as error:
        raise AppError(
            f"the setting {key} cannot be read: {text!r}",
            detail=f"policy {policy}",
            hint="Correct it on the Policies sheet of the office workbook and import the workbook again.",
        ) from error
