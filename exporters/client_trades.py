"""The pages on trades of the client report: what is proposed and why, what was not done and why, points to check."""

from decimal import Decimal

from engine.money import ZERO
from engine.portfolio import Side
from engine.problems import Severity
from engine.rebalance.proposal import Status
from exporters.client_report import (
    Align,
    Block,
    Callout,
    Column,
    Heading,
    Note,
    Paragraph,
    Row,
    RowStyle,
    Section,
    Table,
)
from exporters.order_lines import OrderLine, lines_of, sum_gains
from exporters.run_report import AccountFacts, HouseholdReport
from exporters.wash_watch import Watch, WatchKind, watches
from exporters.words import (
    account_label,
    counted,
    custodian_name,
    dollars,
    flat,
    long_date,
    price,
    registration_name,
    shares,
    short_date,
)

TRADE_COLUMNS = (
    Column("Trade", 3.0),
    Column("Price", 0.9, Align.RIGHT),
    Column("Amount", 1.25, Align.RIGHT),
    Column("Gain or loss", 1.15, Align.RIGHT),
    Column("Why", 3.4),
)
NOT_DONE_COLUMNS = (Column("Account", 2.2), Column("Trade", 1.2), Column("Why not", 4.2), Column("Until", 1.2))
WATCH_COLUMNS = (
    Column("Do not buy", 2.6),
    Column("Through", 1.3),
    Column("Because", 3.0),
    Column("Instead", 1.4),
)
POINT_COLUMNS = (Column("What", 4.4), Column("Where", 2.0), Column("What to do", 3.0))
REASONLESS = "No reason is on record."


def trades_section(household: HouseholdReport) -> Section:
    """Return the trades by account, with a reason each."""
    orders = lines_of(household)
    if not orders:
        reasons = [flat(reason) for reason in household.proposal.reasons]
        words = [Paragraph(text) for text in ("No trades are proposed.", *reasons)]
        return Section("Proposed trades", tuple(words))
    blocks: list[Block] = [
        Paragraph("Amounts are estimates at the prices shown; the trades are made at the prices of the day."),
        Table(TRADE_COLUMNS, tuple(_trade_rows(household, orders))),
        Note(
            f"Estimated trading costs are {dollars(sum((o.cost for o in orders), ZERO), places=2)}. Gains and "
            "losses are shown for taxable accounts only, before wash-sale adjustments; trades in retirement "
            "accounts are not taxed."
        ),
    ]
    waiting = [a for a in household.accounts if not a.discretionary and a.key in {o.account.key for o in orders}]
    if waiting:
        names = ", ".join(account_label(a) for a in waiting)
        blocks.append(Callout("Your consent is needed", f"These trades are placed only once you agree: {names}."))
    return Section("Proposed trades", tuple(blocks), new_page=True)


def not_done_section(household: HouseholdReport) -> Section:
    """Return the trades that a rule held back, and what not to buy so that losses count."""
    suppressed = household.proposal.suppressed
    facts = {a.key: a for a in household.accounts}
    blocks: list[Block] = []
    if suppressed:
        rows = tuple(
            Row(
                (
                    account_label(facts[s.account]) if s.account in facts else s.account,
                    f"{s.side.value.capitalize()} {s.symbol}",
                    flat(s.reason) or REASONLESS,
                    short_date(s.until) if s.until else "",
                )
            )
            for s in suppressed
        )
        blocks.append(Paragraph("These trades were considered and held back. Each is looked at again next time."))
        blocks.append(Table(NOT_DONE_COLUMNS, rows))
    elif household.proposal.status is Status.INFEASIBLE:
        blocks.append(Paragraph("No trades could be worked out, so none was held back."))
    else:
        blocks.append(Paragraph("Nothing was held back: no rule stood in the way of a trade."))
    blocks += [Heading("Please do not buy for now"), *_watch_blocks(household)]
    return Section("What we did not do, and why", tuple(blocks))


def points_section(household: HouseholdReport) -> Section | None:
    """Return data problems and warnings that touch this household, None when there are none."""
    facts = {a.key: a for a in household.accounts}
    rows = [Row((flat(warning), "", "")) for warning in household.proposal.warnings]
    for problem in household.problems:
        if problem.severity is Severity.INFO:
            continue
        account = facts.get(problem.account)
        place = [account_label(account) if account else problem.account, problem.symbol]
        where = ", ".join(flat(part) for part in place if part)
        rows.append(Row((flat(problem.message), where, flat(problem.hint))))
    if not rows:
        return None
    words = Paragraph("These points may affect the proposal. We are looking into them.")
    return Section("Points to check", (words, Table(POINT_COLUMNS, tuple(rows))))


def _trade_rows(household: HouseholdReport, orders: tuple[OrderLine, ...]) -> list[Row]:
    rows: list[Row] = []
    for account in household.accounts:
        mine = [o for o in orders if o.account.key == account.key]
        if not mine:
            continue
        mine.sort(key=lambda o: (o.side is Side.BUY, o.security.symbol))
        rows.append(Row((_account_words(account), "", "", "", ""), RowStyle.GROUP))
        rows += [_trade_row(order) for order in mine]
    sold = sum((o.amount for o in orders if o.side is Side.SELL), ZERO)
    bought = sum((o.amount for o in orders if o.side is Side.BUY), ZERO)
    gains = sum_gains(o.gain for o in orders)
    sales = [o for o in orders if o.gain is not None]
    gain = dollars(gains, places=2) if sales else ""
    if sold:
        rows.append(Row(("Total sold", "", dollars(sold, places=2), gain, ""), RowStyle.TOTAL))
    if bought:
        rows.append(Row(("Total bought", "", dollars(bought, places=2), "", ""), RowStyle.TOTAL))
    return rows


def _account_words(account: AccountFacts) -> str:
    kind = registration_name(account.registration)
    return ", ".join(part for part in (account_label(account), kind, custodian_name(account.custodian)) if part)


def _trade_row(order: OrderLine) -> Row:
    verb = order.side.value.capitalize()
    lots = f"\n{counted(len(order.lots), 'tax lot')}" if len(order.lots) > 1 else ""
    return Row(
        (
            f"{verb} {shares(order.quantity)} {flat(order.security.symbol)}\n{flat(order.security.name)}{lots}",
            price(order.price),
            dollars(order.amount, places=2),
            _gain(order.gain),
            flat(order.reason) or REASONLESS,
        )
    )


def _gain(gain: Decimal | None) -> str:
    return "" if gain is None else dollars(gain, places=2)


def _watch_blocks(household: HouseholdReport) -> list[Block]:
    losses = [w for w in watches(household) if w.kind is not WatchKind.PURCHASE]
    if not losses:
        return [Paragraph("No sale at a loss is open, so there is nothing you need to avoid buying.")]
    return [
        Paragraph(
            "Buying any of these within 30 days of the sale, in any account of the household, retirement "
            "accounts included, would take the loss away. Please also pause the reinvestment of their dividends."
        ),
        Table(WATCH_COLUMNS, tuple(_watch_row(household, w) for w in losses)),
    ]


def _watch_row(household: HouseholdReport, watch: Watch) -> Row:
    names = {s.symbol: flat(s.name) for s in household.securities}
    symbols = watch.symbols or (watch.identity_group,)
    what = "\n".join([", ".join(symbols), *dict.fromkeys(names[s] for s in symbols if s in names)])
    when = "in this proposal" if watch.kind is WatchKind.LOSS_NOW else f"on {long_date(watch.day)}"
    sold = f"{shares(watch.quantity)} shares sold" if watch.quantity else "Sold"
    return Row(
        (
            what,
            short_date(watch.closes),
            f"{sold} at a loss {when}",
            ", ".join(watch.substitutes) or "-",
        )
    )
