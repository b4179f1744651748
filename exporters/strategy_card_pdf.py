"""The strategy card as a PDF: logic, parameters, expectations, changes, review calendar and the signature."""

from collections.abc import Iterator

from engine.overlay.strategy_card import StrategyCard
from exporters.client_report import (
    Align,
    Block,
    Callout,
    ClientReport,
    Column,
    KeyFigure,
    KeyFigures,
    Note,
    Paragraph,
    Row,
    Section,
    Table,
)
from exporters.client_report_pdf import draw_report
from exporters.words import class_name

RIGHT = Align.RIGHT


def strategy_card_pdf(card: StrategyCard, firm: str) -> bytes:
    """Return the card as the bytes of a PDF."""
    return draw_report(strategy_card_report(card, firm))


def strategy_card_report(card: StrategyCard, firm: str) -> ClientReport:
    """Compose the card."""
    signature = card.signature
    sections = [
        Section("The rules", tuple(_rules(card))),
        Section("Strategic weights and parameters", tuple(_parameters(card))),
        Section("What to expect", tuple(_expectations(card))),
    ]
    if card.changes:
        sections.append(Section(f"Changed since version {signature.version - 1}", tuple(_changes(card))))
    sections += [
        Section("Review calendar", tuple(_reviews(card))),
        Section("Signature", tuple(_signature(card))),
    ]
    return ClientReport(
        document="Strategy card",
        household=signature.strategy,
        people=f"Version {signature.version}, signed by {signature.signed_by}",
        firm=firm or "Investment policy",
        date=signature.signed_at.date().isoformat(),
        model=f"{_mode(card)} since {card.mode_since}; frozen until a new version is signed",
        labels=("ON PAPER",) if card.mode == "paper" else (),
        footer="For internal use. Not a recommendation, not a forecast.",
        sections=tuple(sections),
    )


def _mode(card: StrategyCard) -> str:
    return "On paper" if card.mode == "paper" else "Live"


def _rules(card: StrategyCard) -> Iterator[Block]:
    first_results = next(review for review in card.reviews if review.kind == "results")
    yield KeyFigures(
        (
            KeyFigure("Version", str(card.signature.version), f"signed {card.signature.signed_at.date()}"),
            KeyFigure("Runs", _mode(card), f"since {card.mode_since}"),
            KeyFigure("No change before", str(card.signature.cool_off), "cool-off, unless overridden"),
            KeyFigure("Results judged", str(first_results.day), "not before"),
        )
    )
    first, *others = card.logic
    yield Paragraph(first)
    yield Paragraph(" ".join(others))


def _parameters(card: StrategyCard) -> Iterator[Block]:
    if card.strategic:
        columns = (Column("Asset class", 0.5), Column("Strategic weight", 0.25, RIGHT), Column("ETF read", 0.25, RIGHT))
        rows = [Row((class_name(name), weight, etf)) for name, weight, etf in card.strategic]
        yield Table(columns, tuple(rows))
    named = (Column("Parameter", 0.7), Column("Value", 0.3, RIGHT))
    yield Table(named, tuple(Row(line) for line in card.parameters))


def _expectations(card: StrategyCard) -> Iterator[Block]:
    if not card.expectations:
        yield Callout(
            "No expectations were written down", "Without them nobody can say later whether the rules failed."
        )
        return
    columns = (Column("Figure", 0.4), Column("Expected", 0.2, RIGHT), Column("From", 0.4, RIGHT))
    yield Table(columns, tuple(Row((each.label, each.value, each.note)) for each in card.expectations))
    yield Note("Hypothetical figures of a backtest: live results are usually lower. Judge over a full market cycle.")


def _changes(card: StrategyCard) -> Iterator[Block]:
    yield Paragraph(f"Reason: {card.signature.reason}")
    columns = (Column("Key", 0.4), Column("Before", 0.3), Column("Now", 0.3))
    yield Table(
        columns,
        tuple(
            Row((each.path.replace("_", " "), each.before or "not there", each.after or "gone"))
            for each in card.changes
        ),
    )


def _reviews(card: StrategyCard) -> Iterator[Block]:
    yield Paragraph(
        "The process is reviewed every quarter, whatever the results; results are judged after three years and after "
        "a full market cycle of five. Outside of these days the rules are not discussed."
    )
    by_year: dict[int, list[str]] = {}
    for review in card.reviews:
        shown = review.day.isoformat()
        by_year.setdefault(review.day.year, []).append(f"{shown} (results)" if review.kind == "results" else shown)
    columns = (Column("Year", 0.12), Column("Reviews", 0.88))
    yield Table(columns, tuple(Row((str(year), ", ".join(days))) for year, days in by_year.items()))
    purposes = dict.fromkeys(f"{review.kind.capitalize()}: {review.purpose}." for review in card.reviews)
    yield Note(" ".join(purposes))


def _signature(card: StrategyCard) -> Iterator[Block]:
    signature = card.signature
    columns = (Column("", 0.26), Column("", 0.74))
    rows = (
        ("Signed by", signature.signed_by),
        ("At", f"{signature.signed_at:%Y-%m-%d %H:%M} UTC"),
        ("Reason", signature.reason or "First version"),
        ("SHA-256 of the policy", signature.policy_sha256),
        ("Seal of this version", signature.seal),
        *((("Seal of the version before", signature.previous),) if signature.version > 1 else ()),
    )
    yield Table(columns, tuple(Row(line) for line in rows))
    yield Note("The seal covers the policy, the signature and the seal of the version before: none can change unseen.")
