"""The tax pages of the client report: the year so far, the proposal, the year after, and where each figure is from."""

from collections.abc import Iterator
from decimal import Decimal

from engine.money import ZERO
from engine.trail import Trail
from exporters.client_report import (
    Align,
    Block,
    Column,
    GainBar,
    GainChart,
    Note,
    Paragraph,
    Row,
    RowStyle,
    Section,
    Table,
)
from exporters.run_report import HouseholdReport
from exporters.words import dollars, flat, percent, shares

TAX_COLUMNS = (
    Column("", 3.0),
    Column("Year to date", 1.4, Align.RIGHT),
    Column("This proposal", 1.4, Align.RIGHT),
    Column("After the proposal", 1.5, Align.RIGHT),
)
TRAIL_COLUMNS = (
    Column("Figure", 4.4),
    Column("Value", 1.4, Align.RIGHT),
    Column("Rule", 2.2),
)
SMALL = Decimal("0.5")
"""Less than this many dollars reads as nothing."""


def tax_sentence(household: HouseholdReport) -> str:
    """Return in one sentence what the proposal does to the tax of the year."""
    tax = household.proposal.tax
    year = household.case.as_of.year
    change = tax.after - tax.before
    if abs(change) < SMALL:
        return f"The proposal does not change your estimated tax for {year}."
    verb = "lowers" if change < 0 else "raises"
    return f"The proposal {verb} your estimated tax on gains for {year} by {dollars(abs(change))}."


def tax_section(household: HouseholdReport) -> Section:
    """Return the tax picture: words, chart, table."""
    blocks: list[Block] = [Paragraph(text) for text in _words(household)]
    blocks += [GainChart(_bars(household)), _table(household)]
    tax = household.case.tax
    blocks.append(
        Note(
            f"Estimated at {percent(tax.short_term_rate)} on short-term and {percent(tax.long_term_rate)} on "
            "long-term gains, netted as on Schedule D. A negative tax is the worth of a net loss: it lowers tax on "
            f"other income by up to {dollars(tax.ordinary_loss_limit)} of loss a year, and the rest is carried forward."
        )
    )
    return Section("Your taxes this year", tuple(blocks), new_page=True)


def trail_section(household: HouseholdReport) -> Section | None:
    """Return the appendix: each tax figure and, under it, what went into it; None when there is no trail."""
    if not household.tax_trail:
        return None
    blocks: tuple[Block, ...] = (
        Paragraph("Each figure is followed by the figures it was worked out from, one step to the right."),
        Table(TRAIL_COLUMNS, tuple(row for trail in household.tax_trail for row in _trail_rows(trail, 0))),
    )
    return Section("Appendix: how the tax figures are worked out", blocks, new_page=True)


def _words(household: HouseholdReport) -> Iterator[str]:
    proposal = household.proposal
    tax = proposal.tax
    if not any(trade.lots for trade in proposal.trades) or not (
        tax.short_term or tax.long_term or tax.harvested_loss or tax.disallowed
    ):
        yield "This proposal realizes no gains or losses in taxable accounts, so your tax for the year stays as it is."
        return
    yield tax_sentence(household)
    if tax.harvested_loss > 0:
        yield (
            f"Losses of {dollars(tax.harvested_loss)} are harvested. They offset gains first, then up to "
            f"{dollars(household.case.tax.ordinary_loss_limit)} of other income a year; what is left is carried "
            "forward to later years."
        )
    deferred = proposal.breakdown.deferred
    if deferred >= SMALL:
        yield (
            "Part of the benefit is deferred, not saved for good: what replaces the shares sold has a lower cost "
            f"basis, so about {dollars(deferred)} of tax, in today's dollars, may come due when it is sold."
        )
    elif deferred <= -SMALL:
        yield (
            f"Gains taken now are not taxed again: about {dollars(-deferred)} of tax, in today's dollars, that would "
            "have come due later is no longer owed."
        )
    if tax.disallowed > 0:
        yield (
            f"Losses of {dollars(tax.disallowed)} do not count now because of purchases within 30 days (wash "
            "sales); they are added to the cost basis of the shares that were bought."
        )
    yield from _budget_words(household)


def _budget_words(household: HouseholdReport) -> Iterator[str]:
    limit = household.case.policy.max_net_gain
    if limit is None:
        return
    position, outcome = household.case.tax, household.proposal.tax
    used = position.ytd_short_term + position.ytd_long_term + outcome.short_term + outcome.long_term
    left = limit - used
    left_words, over_words = f"{dollars(left)} of it is left after the proposal", f"it is exceeded by {dollars(-left)}"
    rest = left_words if left >= 0 else over_words
    yield f"Your limit on net gains for the year is {dollars(limit)}; {rest}."


def _figures(household: HouseholdReport) -> tuple[tuple[str, Decimal, Decimal, Decimal], ...]:
    """Label, year to date, this proposal, after; losses carried in count against the year."""
    position, outcome = household.case.tax, household.proposal.tax
    carried_short, carried_long = -position.carryforward_short_term, -position.carryforward_long_term
    lines = [
        ("Short-term gains and losses", position.ytd_short_term, outcome.short_term),
        ("Long-term gains and losses", position.ytd_long_term, outcome.long_term),
        ("Short-term losses from earlier years", carried_short, ZERO),
        ("Long-term losses from earlier years", carried_long, ZERO),
    ]
    kept = [line for line in lines if line[1] or line[2] or not line[0].endswith("earlier years")]
    net = ("Net gain or loss", sum((x[1] for x in kept), ZERO), sum((x[2] for x in kept), ZERO))
    return tuple((label, before, now, before + now) for label, before, now in [*kept, net])


def _bars(household: HouseholdReport) -> tuple[GainBar, ...]:
    return tuple(
        GainBar(label, float(round(before, 2)), float(round(after, 2)), dollars(after))
        for label, before, _, after in _figures(household)
    )


def _table(household: HouseholdReport) -> Table:
    figures = _figures(household)
    rows = [
        Row(
            (label, dollars(before), dollars(now, signed=True), dollars(after)),
            RowStyle.TOTAL if label == figures[-1][0] else RowStyle.BODY,
        )
        for label, before, now, after in figures
    ]
    tax = household.proposal.tax
    change = dollars(tax.after - tax.before, signed=True)
    rows.append(Row(("Estimated tax", dollars(tax.before), change, dollars(tax.after)), RowStyle.TOTAL))
    return Table(TAX_COLUMNS, tuple(rows))


def _trail_rows(trail: Trail, depth: int) -> Iterator[Row]:
    style = RowStyle.TOTAL if depth == 0 else RowStyle.BODY
    yield Row((flat(trail.label), _trail_value(trail), flat(trail.source)), style, depth)
    for part in trail.inputs:
        yield from _trail_rows(part, depth + 1)


def _trail_value(trail: Trail) -> str:
    if trail.unit == "fraction":
        return percent(trail.value, places=2)
    if trail.unit == "usd":
        return dollars(trail.value, places=2)
    return f"{shares(trail.value)} {trail.unit}"
