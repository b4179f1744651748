"""Manual views: what a person expects of a class, signed, with a reason and an end."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

LONGEST_VIEW_DAYS = 366
"""A view that nobody renews within a year is forgotten, not held."""


@dataclass(frozen=True, slots=True)
class ManualView:
    """One person's view of one asset class.

    `stance` is from -1 (bearish) to 1 (bullish). It holds at the close of `made` and of every day to `expires`, both
    included, and is no view on any other day: before it was made it could not have been acted on.
    """

    asset_class: str
    stance: Decimal
    author: str
    reason: str
    made: date
    expires: date

    def holds_on(self, day: date) -> bool:
        """Say whether the view is held at the close of a day."""
        return self.made <= day <= self.expires


def view_faults(view: ManualView) -> tuple[str, ...]:
    """Return what is wrong with a view, one line each, beginning with its key; empty when it may be used."""
    faults = [
        f"{key}: a view needs {what}"
        for key, text, what in (
            ("asset_class", view.asset_class, "a class"),
            ("author", view.author, "its author"),
            ("reason", view.reason, "its reason"),
        )
        if not text.strip()
    ]
    if not (view.stance.is_finite() and -1 <= view.stance <= 1 and view.stance):
        faults.append(f"stance: {view.stance} is not between -1 and 1, or is 0")
    if view.expires < view.made:
        faults.append(f"expires: {view.expires} is before the view was made, {view.made}")
    elif (view.expires - view.made).days > LONGEST_VIEW_DAYS:
        faults.append(f"expires: {view.expires} is more than a year after the view was made, {view.made}")
    return tuple(faults)
