"""Composes the client report of one household: what stands on which page, in words a client reads.

The rooms: `client_summary` (cover, allocation, accounts), `client_tax`, `client_trades`, `client_overlay`.
"""

from exporters.client_overlay import overlay_section
from exporters.client_report import Block, Callout, ClientReport, Heading, Paragraph, Section
from exporters.client_summary import allocation_section, summary_section
from exporters.client_tax import tax_section, trail_section
from exporters.client_trades import not_done_section, points_section, trades_section
from exporters.disclosures import wording
from exporters.orders_csv import approval_of
from exporters.run_report import HouseholdReport, RunReport, Skipped
from exporters.words import flat, listed, long_date


def client_report(report: RunReport, household: HouseholdReport) -> ClientReport:
    """Return one household's report as a value, ready to be drawn."""
    words = wording()
    conditions = _conditions(report) | ({"overlay"} if household.overlay else set())
    sections = [
        summary_section(household),
        allocation_section(household),
        tax_section(household),
        points_section(household),
        trades_section(household),
        not_done_section(household),
        overlay_section(household),
        trail_section(household),
        _important_section(conditions),
    ]
    return ClientReport(
        document=words.document,
        household=flat(household.household) or "Household",
        people=listed(flat(person) for person in household.people),
        firm=flat(report.firm),
        date=long_date(report.as_of),
        model=flat(household.model),
        labels=_labels(conditions),
        footer=words.footer,
        sections=tuple(section for section in sections if section is not None),
    )


def left_out_report(report: RunReport, skipped: Skipped) -> ClientReport:
    """Return the report of a household that was left out of the run: that nothing is proposed, and why."""
    words = wording()
    conditions = _conditions(report)
    why = flat(skipped.why) or "No reason is on record."
    told = Section(
        "At a glance",
        (
            Callout("No trades are proposed", f"Your portfolio could not be reviewed on this day: {why}"),
            Paragraph("Nothing is bought or sold. We will review your portfolio as soon as this is resolved."),
        ),
    )
    return ClientReport(
        document=words.document,
        household=flat(skipped.household) or "Household",
        people="",
        firm=flat(report.firm),
        date=long_date(report.as_of),
        model="",
        labels=_labels(conditions),
        footer=words.footer,
        sections=(told, _important_section(conditions)),
    )


def _conditions(report: RunReport) -> set[str]:
    conditions = set()
    if report.synthetic:
        conditions.add("synthetic")
    if approval_of(report) is None:
        conditions.add("draft")
    return conditions


def _labels(conditions: set[str]) -> tuple[str, ...]:
    words = wording()
    labels = {"synthetic": words.synthetic, "draft": words.draft}
    return tuple(label for key, label in labels.items() if key in conditions)


def _important_section(conditions: set[str]) -> Section:
    blocks: list[Block] = []
    for disclosure in wording().fitting(conditions):
        blocks += [Heading(disclosure.title), Paragraph(disclosure.text)]
    return Section("Important information", tuple(blocks), new_page=True)
