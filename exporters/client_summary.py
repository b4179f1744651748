"""The front of the client report: key figures, a summary in sentences, the allocation, the accounts."""

from decimal import Decimal

from engine.money import ZERO
from engine.portfolio import Side
from engine.rebalance.proposal import ClassWeight, Status
from exporters.client_report import (
    Align,
    AllocationChart,
    Block,
    Callout,
    ClassBar,
    Column,
    Heading,
    KeyFigure,
    KeyFigures,
    Note,
    Paragraph,
    Row,
    RowStyle,
    Section,
    Table,
)
from exporters.client_tax import tax_sentence
from exporters.figures import account_values, household_value, ordered_classes, traded, widest
from exporters.run_report import HouseholdReport
from exporters.words import (
    account_label,
    class_name,
    class_phrase,
    counted,
    custodian_name,
    dollars,
    flat,
    listed,
    long_date,
    percent,
    registration_name,
)

NO_REASON = "Every asset class is close enough to its target, and no trade is worth its cost."
ALLOCATION_COLUMNS = (
    Column("Asset class", 2.5),
    Column("Target", 0.9, Align.RIGHT),
    Column("Range", 1.4, Align.RIGHT),
    Column("Before", 0.9, Align.RIGHT),
    Column("After", 0.9, Align.RIGHT),
    Column("Value before", 1.3, Align.RIGHT),
    Column("Value after", 1.3, Align.RIGHT),
    Column("Change", 1.2, Align.RIGHT),
)
ACCOUNT_COLUMNS = (
    Column("Account", 2.6),
    Column("Type", 1.6),
    Column("Held at", 1.2),
    Column("Value", 1.3, Align.RIGHT),
    Column("Share", 0.8, Align.RIGHT),
    Column("Cash before", 1.2, Align.RIGHT),
    Column("Cash after", 1.2, Align.RIGHT),
)


def summary_section(household: HouseholdReport) -> Section:
    """Return the section on the cover: key figures, the proposal in brief, the accounts."""
    blocks: list[Block] = [_key_figures(household)]
    proposal = household.proposal
    if proposal.status is Status.INFEASIBLE:
        text = " ".join(flat(reason) for reason in proposal.reasons)
        blocks.append(Callout("No trades are proposed: your instructions cannot all be met", text))
    else:
        blocks += [Paragraph(sentence) for sentence in _in_brief(household)]
    blocks += [Heading("Your accounts"), _accounts(household)]
    return Section("At a glance", tuple(blocks))


def allocation_section(household: HouseholdReport) -> Section:
    """Return the allocation before and after against targets and ranges."""
    classes = ordered_classes(household)
    bars = tuple(
        ClassBar(
            name=class_name(c.asset_class),
            before=_points(c.before),
            target=_points(c.target),
            after=_points(c.after),
            band=_points(c.band),
            text=percent(c.after),
        )
        for c in classes
    )
    blocks: list[Block] = [Paragraph(_allocation_words(household))]
    if bars:
        blocks.append(AllocationChart(bars))
        blocks.append(_allocation_table(household, classes))
        blocks.append(
            Note(
                "Percentages are of the household's portfolio, all accounts together. A class inside its range "
                "is left alone unless a trade elsewhere makes moving it worthwhile. * outside its range."
            )
        )
    return Section("Your allocation", tuple(blocks), new_page=True)


def _key_figures(household: HouseholdReport) -> KeyFigures:
    proposal = household.proposal
    tax = proposal.tax
    orders = len(proposal.trades) if proposal.status is not Status.INFEASIBLE else 0
    before, after = widest(household, after=False), widest(household, after=True)
    sold, bought = traded(household, Side.SELL), traded(household, Side.BUY)
    drift = f"{percent(_gap(before, after=False))} before the trades" if before else "no targets"
    return KeyFigures(
        (
            KeyFigure(
                "Portfolio value",
                dollars(household_value(household)),
                counted(len(household.case.accounts), "account"),
            ),
            KeyFigure(
                "Proposed trades",
                f"{orders:,}",
                f"{dollars(sold)} sold, {dollars(bought)} bought" if orders else "nothing is bought or sold",
            ),
            KeyFigure(
                "Estimated tax this year",
                dollars(tax.after),
                f"{dollars(tax.after - tax.before, signed=True)} by this proposal",
            ),
            KeyFigure("Furthest from target", percent(_gap(after, after=True)) if after else "-", drift),
        )
    )


def _in_brief(household: HouseholdReport) -> list[str]:
    proposal = household.proposal
    if not proposal.trades:
        reasons = [flat(reason) for reason in proposal.reasons] or [NO_REASON]
        return ["No trades are proposed.", *reasons]
    accounts = len({trade.account for trade in proposal.trades})
    parts = [
        f"{dollars(traded(household, side))} of {name}"
        for side, name in ((Side.SELL, "sales"), (Side.BUY, "purchases"))
        if traded(household, side)
    ]
    sentences = [
        f"We propose {counted(len(proposal.trades), 'trade')} in {counted(accounts, 'account')}: {listed(parts)}.",
        tax_sentence(household),
    ]
    if proposal.tax.harvested_loss > 0:
        stays = ", while your money stays invested in similar funds" if _replaced(household) else ""
        sentences.append(f"Losses of {dollars(proposal.tax.harvested_loss)} are taken now{stays}.")
    if proposal.do_not_buy:
        last = max(entry.until for entry in proposal.do_not_buy)
        sentences.append(
            "So that losses count, please do not buy the funds listed under What we did not do in any account "
            f"through {long_date(last)}."
        )
    return sentences


def _replaced(household: HouseholdReport) -> bool:
    """Whether every class in which a loss is taken is also bought."""
    classes = {s.symbol: s.asset_class for s in household.case.securities}
    trades = household.proposal.trades
    lost = {classes[t.symbol] for t in trades if any(x.gain < 0 and x.term is not None for x in t.lots)}
    return lost <= {classes[t.symbol] for t in trades if t.side is Side.BUY}


def _allocation_words(household: HouseholdReport) -> str:
    before, after = widest(household, after=False), widest(household, after=True)
    if before is None or after is None:
        return "No targets are set for this household."
    outside, still = _outside(household, after=False), _outside(household, after=True)
    text = (
        f"{class_name(before.asset_class)} is furthest from its target, {_away(before, before.before)}. "
        if before.before != before.target
        else ""
    )
    if not household.proposal.trades:
        text += f"{_stand(outside)}."
    elif outside and outside == still:
        text += f"{_stand(outside)}, before the trades and after them."
    else:
        text += f"{_stand(outside)} before the trades. {_stand(still)} after them."
    if household.overlay is None and household.strategic == household.case.targets:
        text += " The targets are those of your long-term plan; no tactical overlay applies."
    return text


def _stand(outside: list[str]) -> str:
    """Say which classes are outside their range; more than four are counted, the table marks them."""
    if not outside:
        return "Every asset class is inside its range"
    if len(outside) > 4:
        return f"There are {len(outside)} asset classes outside their target range"
    text = listed(class_phrase(name) for name in outside)
    verb = "is outside its" if len(outside) == 1 else "are outside their"
    return f"{text[:1].upper()}{text[1:]} {verb} target range"


def _outside(household: HouseholdReport, *, after: bool) -> list[str]:
    return [
        c.asset_class for c in household.proposal.classes if abs((c.after if after else c.before) - c.target) > c.band
    ]


def _away(row: ClassWeight, weight: Decimal) -> str:
    side = "above" if weight > row.target else "below"
    return f"{abs(weight - row.target) * 100:.1f} percentage points {side} it"


def _gap(row: ClassWeight, *, after: bool) -> Decimal:
    return abs((row.after if after else row.before) - row.target)


def _points(fraction: Decimal) -> float:
    return float(round(fraction * 100, 4))


def _allocation_table(household: HouseholdReport, classes: list[ClassWeight]) -> Table:
    value = household_value(household)
    rows = [
        Row(
            (
                class_name(c.asset_class),
                percent(c.target),
                f"{percent(max(c.target - c.band, ZERO))} to {percent(c.target + c.band)}",
                _marked(c, c.before),
                _marked(c, c.after),
                dollars(c.before * value),
                dollars(c.after * value),
                dollars((c.after - c.before) * value, signed=True),
            )
        )
        for c in classes
    ]
    before = sum((c.before for c in classes), ZERO)
    after = sum((c.after for c in classes), ZERO)
    total = (
        "Portfolio",
        percent(sum((c.target for c in classes), ZERO)),
        "",
        percent(before),
        percent(after),
        dollars(before * value),
        dollars(after * value),
        dollars((after - before) * value, signed=True),
    )
    return Table(ALLOCATION_COLUMNS, (*rows, Row(total, RowStyle.TOTAL)))


def _marked(row: ClassWeight, weight: Decimal) -> str:
    return f"{percent(weight)}{'*' if abs(weight - row.target) > row.band else ''}"


def _accounts(household: HouseholdReport) -> Table:
    values = account_values(household)
    whole = sum((v.value for v in values), ZERO)
    facts = {a.key: a for a in household.accounts}
    registrations = {a.id: a.registration.value for a in household.case.accounts}
    cash_after = {line.account: line.after for line in household.proposal.cash}
    rows = [
        Row(
            (
                account_label(facts[v.key]),
                registration_name(registrations[v.key]),
                custodian_name(facts[v.key].custodian),
                dollars(v.value),
                percent(v.value / whole) if whole else "-",
                dollars(v.cash),
                dollars(cash_after.get(v.key, v.cash)),
            )
        )
        for v in values
    ]
    paid_out = sum((a.withdraw for a in household.case.accounts), ZERO)
    if paid_out:
        rows.append(Row(("To be paid out to you", "", "", dollars(-paid_out), "", "", "")))
    total = (
        "Portfolio" if paid_out else "All accounts",
        "",
        "",
        dollars(whole - paid_out),
        percent(Decimal(1)) if whole and not paid_out else "",
        dollars(sum((v.cash for v in values), ZERO)),
        dollars(sum((cash_after.get(v.key, v.cash) for v in values), ZERO)),
    )
    return Table(ACCOUNT_COLUMNS, (*rows, Row(total, RowStyle.TOTAL)))
