"""Splits, mergers and changes of symbol that seem to be missing, each with its evidence; suggested, not applied."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from engine.money import ZERO
from exporters.reconciliation_report import LotsLine, RolledLine, SplitLine, Verdict
from importers.records import ActivityKind
from workflow.positions_rollforward import SHARES
from workflow.reconciliation_rows import NEAR, BookRows, PriceRow

FORWARD = (*(Fraction(n) for n in (2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50, 100)), Fraction(3, 2))
RATIOS = (*FORWARD, Fraction(4, 3), Fraction(5, 4), Fraction(5, 2), *(1 / ratio for ratio in FORWARD if ratio >= 2))
"""New shares for each old one, of splits as they happen."""
LIKELY_SHARES = Fraction(1, 1000)
"""By which part shares may miss a ratio: fractions are paid in cash."""
LIKELY_PRICE = Fraction(4, 100)
"""By which part a price may miss a ratio of 2 and more: it also moves that day."""
NARROW_PRICE = Fraction(15, 1000)
"""The same for smaller ratios, which a bad day can look like."""
ADJUSTED_MOVE = Fraction(15, 100)
"""An adjusted close that moves more than this on the day did not split: the price fell or rose."""
APPLY = "plimsoll reconcile --apply {n} --by NAME"
NEXT_STEP = f"Ask the custodian; if it is so, import a history that has it, or apply it: {APPLY}."
MERGER_STEP = "Ask the custodian for the terms; import the lots of the new shares. A merger is not applied."


@dataclass(frozen=True, slots=True)
class Clue:
    """One piece of evidence. `ratio` is new shares for each old one; `account` empty = the price table."""

    symbol: str
    ratio: Fraction
    day: date | None
    account: str
    text: str


def ratio_of_shares(old: Decimal, new: Decimal) -> Fraction | None:
    """Return the split that would make `old` shares `new` ones, None where none would. Whole shares may be left."""
    if old <= 0 or new <= 0:
        return None
    exact = Fraction(new) / Fraction(old)
    for ratio in RATIOS:
        made = Fraction(old) * ratio
        is_whole = new == new.to_integral_value() and 0 <= made - Fraction(new) < 1 and new > 1
        if abs(exact / ratio - 1) <= LIKELY_SHARES or (
            is_whole and made >= 1 and abs(exact / ratio - 1) < LIKELY_PRICE
        ):
            return ratio
    return None


def ratio_of_prices(before: Decimal, after: Decimal) -> Fraction | None:
    """Return the split that two closes look like, None where they look like none."""
    if before <= 0 or after <= 0:
        return None
    exact = Fraction(before) / Fraction(after)
    best = min(RATIOS, key=lambda ratio: abs(exact / ratio - 1))
    within = LIKELY_PRICE if best >= 2 or best <= Fraction(1, 2) else NARROW_PRICE
    return best if abs(exact / best - 1) <= within else None


def words(ratio: Fraction) -> str:
    """Return a ratio as 2:1, new shares first."""
    return f"{ratio.numerator}:{ratio.denominator}"


def suggested_splits(rows: BookRows, lots: Sequence[LotsLine], rolled: Sequence[RolledLine]) -> tuple[SplitLine, ...]:
    """Return what looks like a split that the book does not know, best supported first, then mergers."""
    known = _known(rows)
    names = {account.id: account.name for account in rows.accounts}
    held = {p.symbol for p in rows.positions} | {lot.symbol for lot in rows.lots}
    found: defaultdict[tuple[str, Fraction], list[Clue]] = defaultdict(list)
    for clue in (*_from_lots(lots), *_from_rolled(rolled), *_from_two_prices(rows, names), *_from_closes(rows, held)):
        if clue.day is None or not any(abs(clue.day - day) <= NEAR for day in known.get(clue.symbol, ())):
            found[clue.symbol, clue.ratio].append(clue)
    lines = [_line(symbol, ratio, clues) for (symbol, ratio), clues in found.items()]
    ordered = sorted(lines, key=lambda line: (-line.pieces, line.symbol, line.what))
    found_lines = (*ordered, *_mergers(rolled, rows.cusips), *_same_cusip(rows, rolled))
    return tuple(replace(line, next_step=line.next_step.format(n=n)) for n, line in enumerate(found_lines, start=1))


def _known(rows: BookRows) -> dict[str, list[date]]:
    days: defaultdict[str, list[date]] = defaultdict(list)
    for row in rows.activity:
        if row.kind == ActivityKind.SPLIT:
            days[row.symbol].append(row.date)
    return days


def _line(symbol: str, ratio: Fraction, clues: Sequence[Clue]) -> SplitLine:
    kind = "split" if ratio > 1 else "reverse split"
    accounts = ", ".join(dict.fromkeys(clue.account for clue in clues if clue.account))
    days = [clue.day for clue in clues if clue.day is not None and not clue.account]
    evidence = "; ".join(clue.text for clue in clues)
    day = min(days, default=None)
    what = f"{words(ratio)} {kind}"
    return SplitLine(symbol, what, day, accounts, evidence, len(clues), NEXT_STEP, ratio=words(ratio))


def _from_lots(lines: Iterable[LotsLine]) -> Iterator[Clue]:
    for line in lines:
        if line.lots is None or line.position is None or line.verdict is not Verdict.DIFFERS:
            continue
        ratio = ratio_of_shares(line.lots, line.position)
        if ratio is not None:
            text = (
                f"{line.account}: the lots add up to {line.lots.normalize():,f}, times {words(ratio)} that is the"
                f" position of {line.position.normalize():,f}"
            )
            yield Clue(line.symbol, ratio, None, line.account, text)


def _from_rolled(lines: Iterable[RolledLine]) -> Iterator[Clue]:
    for line in lines:
        if line.expected is None or line.stated is None or line.verdict is not Verdict.DIFFERS:
            continue
        ratio = ratio_of_shares(line.expected, line.stated)
        if ratio is not None:
            text = (
                f"{line.account}: {line.expected.normalize():,f} shares were expected on {line.until}, times"
                f" {words(ratio)} that is the {line.stated.normalize():,f} stated"
            )
            yield Clue(line.symbol, ratio, None, line.account, text)


def _from_two_prices(rows: BookRows, names: dict[int, str]) -> Iterator[Clue]:
    """Compare the price of a statement with the price table of its day."""
    closes = {(price.symbol, price.date): price.close for price in rows.prices}
    for position in rows.positions:
        close, price = closes.get((position.symbol, position.as_of)), position.unit_price
        ratio = ratio_of_prices(close, price) if close and price else None
        if ratio is not None and close and price:
            name = names[position.account]
            text = (
                f"{name}: {price.normalize():,f} a share on {position.as_of}, the price table says"
                f" {close.normalize():,f}"
            )
            yield Clue(position.symbol, ratio, position.as_of, name, text)


def _from_closes(rows: BookRows, held: set[str]) -> Iterator[Clue]:
    """Look for closes of two days that are a ratio apart while the adjusted close did not jump."""
    before: PriceRow | None = None
    for price in rows.prices:
        last, before = before, price
        if last is None or last.symbol != price.symbol or price.symbol not in held or not (last.close and price.close):
            continue
        if price.date - last.date > NEAR or abs(price.close / last.close - 1) < Decimal("0.15"):
            continue
        ratio = ratio_of_prices(last.close, price.close)
        if ratio is None or _adjusted_jumps(last, price):
            continue
        text = f"price table: {last.close.normalize():,f} on {last.date}, {price.close.normalize():,f} on {price.date}"
        if last.adjusted and price.adjusted:
            text += ", while the adjusted close did not jump"
        yield Clue(price.symbol, ratio, price.date, "", text)


def _adjusted_jumps(last: PriceRow, price: PriceRow) -> bool:
    if not last.adjusted or not price.adjusted:
        return False
    return abs(Fraction(price.adjusted) / Fraction(last.adjusted) - 1) > ADJUSTED_MOVE


def _mergers(lines: Sequence[RolledLine], cusips: Mapping[str, str]) -> Iterator[SplitLine]:
    """Pair what is gone from an account without a trace with what came from nowhere in the same days.

    As many shares of the one as of the other everywhere are a change of symbol, or a CUSIP that stayed is.
    """
    gone: defaultdict[str, list[RolledLine]] = defaultdict(list)
    came: defaultdict[str, list[RolledLine]] = defaultdict(list)
    for line in lines:
        if line.verdict is Verdict.DIFFERS and line.expected and not line.stated:
            gone[line.account].append(line)
        elif line.verdict is Verdict.DIFFERS and line.stated and not line.expected:
            came[line.account].append(line)
    pairs: defaultdict[tuple[str, str], list[tuple[RolledLine, RolledLine]]] = defaultdict(list)
    for account, olds in gone.items():
        news = came[account]
        if len(olds) == 1 and len(news) == 1:
            pairs[olds[0].symbol, news[0].symbol].append((olds[0], news[0]))
    for (old, new), found in sorted(pairs.items()):
        evidence = "; ".join(
            f"{a.account}: {(a.expected or ZERO).normalize():,f} {old} are gone and"
            f" {(b.stated or ZERO).normalize():,f} {new} are there between {a.since} and {a.until},"
            " and no trade tells of either"
            for a, b in found
        )
        same = bool(cusips.get(old)) and cusips.get(old) == cusips.get(new)
        evidence += f"; both have CUSIP {cusips[old]}" if same else ""
        whole = all(abs((a.expected or ZERO) - (b.stated or ZERO)) <= SHARES for a, b in found)
        is_rename = whole and (same or not (cusips.get(old) and cusips.get(new)))
        what = f"change of symbol, {old} into {new}" if is_rename else f"merger or change of symbol, {old} into {new}"
        accounts = ", ".join(a.account for a, _ in found)
        step, kind = (NEXT_STEP, "rename") if is_rename else (MERGER_STEP, "merger")
        pieces = len(found) + same
        yield SplitLine(old, what, found[0][0].until, accounts, evidence, pieces, step, kind=kind, into=new)


def _same_cusip(rows: BookRows, lines: Sequence[RolledLine]) -> Iterator[SplitLine]:
    """Find two symbols of one CUSIP, of which accounts hold the one and history tells of the other."""
    named: defaultdict[str, list[str]] = defaultdict(list)
    for symbol, cusip in sorted(rows.cusips.items()):
        named[cusip].append(symbol)
    told = {(line.symbol, other.symbol) for line in lines for other in lines if line.account == other.account}
    held = {position.symbol for position in rows.positions}
    for cusip, symbols in named.items():
        if len(symbols) != 2 or len(held.intersection(symbols)) != 1:
            continue
        new = next(symbol for symbol in symbols if symbol in held)
        old = next(symbol for symbol in symbols if symbol != new)
        gone = any(line.symbol == old and line.verdict is Verdict.DIFFERS and not line.stated for line in lines)
        if gone and (old, new) in told:
            continue
        days = [position.as_of for position in rows.positions if position.symbol == new]
        evidence = f"{old} and {new} both have CUSIP {cusip}; accounts hold {new} alone"
        what = f"change of symbol, {old} into {new}"
        yield SplitLine(old, what, min(days), "", evidence, 1, NEXT_STEP, kind="rename", into=new)
