"""Settings of the office: the firm's name, and whether the book is the synthetic sample office."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from db import tables


@dataclass(frozen=True, slots=True)
class Office:
    """The office that keeps the book. `firm` is empty until someone says it."""

    firm: str
    synthetic: bool


def load_office(session: Session) -> Office:
    """Return the settings of the office."""
    firm = session.get(tables.OfficeSetting, "firm")
    synthetic = session.get(tables.OfficeSetting, "synthetic")
    return Office(firm.value if firm else "", bool(synthetic and synthetic.value == "yes"))


def save_office(session: Session, office: Office) -> None:
    """Write the settings of the office."""
    session.merge(tables.OfficeSetting(name="firm", value=office.firm))
    session.merge(tables.OfficeSetting(name="synthetic", value="yes" if office.synthetic else "no"))
    session.flush()
