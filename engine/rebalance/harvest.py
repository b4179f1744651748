"""The harvest screen of a household: each taxable lot at a loss, what harvesting it is worth now, alone and in turn.

Worth is what the objective of a proposal counts: the change of the year's tax (Schedule D; IRC 1211(b), 1212(b)), less
the deferred tax on the lower basis, less half-spreads and tickets of the sale and of the replacement.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from engine.money import ZERO, cents
from engine.portfolio import PlanKind, Policy, Term
from engine.rebalance.case import Case
from engine.rebalance.eligibility import LotView, Position, Survey, survey
from engine.rebalance.harvest_types import (
    NOTHING,
    HarvestLot,
    HarvestResult,
    HarvestSettings,
    Market,
    PassedOver,
    Records,
    Thresholds,
    Worth,
)
from engine.rebalance.replacements import Replacements, replacements
from engine.tax.marginal_values import DollarKind, marginal_values
from engine.tax.pretrade import analyse_sales
from engine.tax.pretrade_types import ProposedSale, SaleWash, WashHousehold
from engine.tax.schedule_d import tax_of_year, year_so_far

Gains = tuple[Decimal, Decimal]
"""Short- and long-term loss that counts, dollars >= 0."""
_Reason = tuple[PassedOver, str, date | None]
"""Why a lot is passed over: code, words, last day of the rule."""
_ONE_DAY = timedelta(days=1)
_BLOCKS = {code.value: code for code in PassedOver}


def harvest_screen(
    case: Case,
    *,
    market: Market | None = None,
    records: Records | None = None,
    settings: HarvestSettings | None = None,
) -> HarvestResult:
    """Return every taxable lot of the case that is at a loss: to harvest, or passed over and why.

    Lots are taken greedily, the one worth most per dollar of loss first, each valued after the ones above it, for as
    long as the sum grows. The thresholds hold here for overweight classes too, and the kind of plan does not matter.
    """
    free = replace(case.policy, plan=PlanKind.FULL, harvest_min_loss=None, harvest_min_loss_pct=None)
    screen = _Screen(
        survey(replace(case, policy=free)),
        thresholds_of(case.policy, case.as_of, settings or HarvestSettings()),
        (settings or HarvestSettings()).break_even,
        market or Market(),
        records or Records(),
    )
    return screen.result()


def thresholds_of(policy: Policy, day: date, settings: HarvestSettings) -> Thresholds:
    """Return what a loss must reach on `day`: the policy's thresholds times the factor of the month."""
    factor = settings.by_month[day.month - 1]
    dollars, fraction = policy.harvest_min_loss, policy.harvest_min_loss_pct
    return Thresholds(
        None if dollars is None else dollars * factor, None if fraction is None else fraction * factor, factor
    )


@dataclass(frozen=True, slots=True)
class _Offer:
    """A lot at a loss that no rule keeps from being harvested. `rate` is the cost of the round trip per dollar."""

    position: Position
    view: LotView
    loss: Decimal
    rate: Decimal
    wash: SaleWash

    @property
    def lot_id(self) -> str:
        return self.view.lot.id

    @property
    def is_short(self) -> bool:
        return self.view.term is Term.SHORT

    @property
    def tickets(self) -> Decimal:
        return 2 * self.position.account.ticket_charge


@dataclass(slots=True)
class _Taken:
    """What has been taken so far: losses that count by identity group, and positions whose tickets are paid."""

    offers: list[_Offer] = field(default_factory=list)
    counted: dict[str, Gains] = field(default_factory=dict)
    traded: set[tuple[str, str]] = field(default_factory=set)

    @property
    def losses(self) -> Gains:
        return sum((s for s, _ in self.counted.values()), ZERO), sum((x for _, x in self.counted.values()), ZERO)


@dataclass(frozen=True)
class _Screen:
    view: Survey
    thresholds: Thresholds
    break_even: Decimal
    market: Market
    records: Records
    analysed: dict[frozenset[str], Gains] = field(default_factory=dict)
    """Losses that count by the lots of one group that are sold together."""

    @cached_property
    def households(self) -> dict[str, WashHousehold]:
        """What the wash analysis reads, by identity group: nothing else bears on the sales of a group."""
        case = self.view.case
        groups = {s.symbol: s.group for s in case.securities}
        securities, lots, history = defaultdict(list), defaultdict(list), defaultdict(list)
        for security in case.securities:
            securities[security.group].append(security)
        for lot in case.lots:
            lots[groups[lot.symbol]].append(lot)
        for row in case.history:
            history[groups.get(row.symbol, row.symbol)].append(row)
        return {
            group: WashHousehold(
                case.as_of,
                tuple(securities[group]),
                case.accounts,
                tuple(lots[group]),
                tuple(history[group]),
                self.records.gaps,
                self.records.unsound,
            )
            for group in securities
        }

    def result(self) -> HarvestResult:
        """Return the whole screen."""
        at_loss = [(p, v) for p in self.view.positions for v in p.lots if v.is_loss and _loss(v)]
        passed = {v.lot.id: self._passed(p, v) for p, v in at_loss}
        open_groups = {p.security.group for p, v in at_loss if passed[v.lot.id] is None}
        places = {p.key: p for p, _ in at_loss}
        stand_ins = {key: self._replacements(position, open_groups) for key, position in places.items()}
        washes = self._washes([(p, v) for p, v in at_loss if _asks_for_wash(passed[v.lot.id])])
        offers = [self._offer(p, v, stand_ins[p.key], washes) for p, v in at_loss if passed[v.lot.id] is None]
        rows = [
            replace(_row(v, *found), wash=washes.get(v.lot.id))
            for _, v in at_loss
            if (found := passed[v.lot.id]) is not None
        ]
        rows += [self._washed(o) for o in offers if o.wash.permanent or not o.wash.counted_loss]
        taken, total = self._in_turn([o for o in offers if not o.wash.permanent and o.wash.counted_loss])
        tax = self.view.case.tax
        kinds = {DollarKind.SHORT_TERM_LOSS, DollarKind.LONG_TERM_LOSS}
        return HarvestResult(
            self.view.case.as_of,
            self.thresholds,
            (*taken, *sorted(rows, key=lambda r: (-r.loss, r.account, r.symbol, r.lot))),
            tuple(stand_ins[key] for key in sorted(stand_ins)),
            total,
            sum((r.loss for r in taken if r.order is not None), ZERO),
            tuple(m.sentence for m in marginal_values(tax) if m.kind in kinds),
        )

    def _passed(self, position: Position, view: LotView) -> _Reason | None:
        """Return why a lot is passed over before its worth is asked; None = it is not."""
        loss, value, lot = -view.gain, view.value, view.lot
        block = view.block
        if position.key in self.records.unsound:
            return PassedOver.LOTS_UNSOUND, f"the lots of {lot.symbol} are missing or do not add up", None
        if block is not None and block.until is None:
            return _BLOCKS[block.code], block.why, None
        if loss < self.break_even * value:
            why = (
                f"its loss of ${loss:,.2f} is {loss / value:.2%} of its value, under the buffer of "
                f"{self.break_even:.2%}: a small rise before the sale would make it a gain"
            )
            return PassedOver.BREAK_EVEN, why, None
        limits = self.thresholds
        if limits.dollars is not None and loss < limits.dollars:
            why = f"its loss of ${loss:,.2f} is under the threshold of ${limits.dollars:,.2f}{self._month()}"
            return PassedOver.THRESHOLD, why, None
        if limits.fraction is not None and loss < limits.fraction * lot.cost_basis:
            part = loss / lot.cost_basis
            why = f"its loss of {part:.2%} of basis is under the threshold of {limits.fraction:.2%}{self._month()}"
            return PassedOver.THRESHOLD, why, None
        return (_BLOCKS[block.code], block.why, block.until) if block else None

    def _month(self) -> str:
        factor = self.thresholds.factor
        return "" if factor == 1 else f" (the policy's, times {factor:f} in this month)"

    def _replacements(self, position: Position, selling: set[str]) -> Replacements:
        symbol = position.security.symbol
        return replacements(
            self.view,
            position.account,
            symbol,
            substitutes=self.market.substitutes.get(symbol, ()),
            alike=self.market.alike.get(symbol, {}),
            selling=selling - {position.security.group},
        )

    def _washes(self, at_loss: Sequence[tuple[Position, LotView]]) -> dict[str, SaleWash]:
        """Return what each lot of these would come to by itself, whatever the others do."""
        by_group: dict[str, list[tuple[str, ProposedSale]]] = defaultdict(list)
        for position, view in at_loss:
            by_group[position.security.group].append((view.lot.id, _sale(position, view)))
        found: dict[str, SaleWash] = {}
        for group, sales in by_group.items():
            household = self.households[group]
            # without a purchase in the last 30 days no sale bears on another
            parts = [[one] for one in sales] if group in self.view.windows else [sales]
            for part in parts:
                outcomes = analyse_sales(household, [sale for _, sale in part])
                found |= {lot: outcome for (lot, _), outcome in zip(part, outcomes, strict=True)}
        return found

    def _offer(
        self, position: Position, view: LotView, stand_in: Replacements, washes: Mapping[str, SaleWash]
    ) -> _Offer:
        own = position.security
        bought = next((s for s in self.view.case.securities if s.symbol == stand_in.first), own)
        rate = (own.half_spread_bp + bought.half_spread_bp) / 10_000
        return _Offer(position, view, _loss(view), rate, washes[view.lot.id])

    def _in_turn(self, offers: Sequence[_Offer]) -> tuple[list[HarvestLot], Worth]:
        """Return the rows of all offers: to harvest in order, then those that are not worth it; and the total."""
        alone = {o.lot_id: self._worth(_Taken(), o)[0] for o in offers}
        steps = self._greedy(offers)
        best, count, so_far = ZERO, 0, ZERO
        for number, (_, worth) in enumerate(steps, 1):
            so_far += worth.worth
            if so_far > best:
                best, count = so_far, number
        rows = []
        for number, (offer, after) in enumerate(steps, 1):
            worth = alone[offer.lot_id]
            why, passed = _words(offer, after), None
            if number > count:
                passed = PassedOver.NOT_AFTER_OTHERS if worth.worth > 0 else PassedOver.NOT_WORTH_IT
                why = _not_worth(worth if passed is PassedOver.NOT_WORTH_IT else after, passed)
            row = _row(offer.view, passed, why, None)
            order = number if passed is None else None
            rows.append(replace(row, order=order, alone=worth, after=after, wash=offer.wash))
        return rows, _sum([worth for _, worth in steps[:count]])

    def _greedy(self, offers: Sequence[_Offer]) -> list[tuple[_Offer, Worth]]:
        """Return all offers, each the one worth most per dollar of loss after those before it.

        Of the lots of one position and term the one with the largest loss for its size goes first: it costs the least
        to trade per dollar of loss. So it is for a whole identity group where purchases of the last 30 days are shared.
        """
        queues: dict[tuple[str, str, bool], list[_Offer]] = defaultdict(list)
        for offer in sorted(offers, key=lambda o: (o.loss / o.view.value if o.view.value else ZERO, o.lot_id)):
            group = offer.position.security.group
            place = (group, "") if group in self.view.windows else offer.position.key
            queues[*place, offer.is_short].append(offer)
        taken, steps = _Taken(), list[tuple[_Offer, Worth]]()
        while queues:
            asked = {key: self._worth(taken, queue[-1]) for key, queue in queues.items()}
            key = min(asked, key=lambda k: (-asked[k][0].worth / queues[k][-1].loss, k))
            offer, (worth, counted) = queues[key].pop(), asked[key]
            if not queues[key]:
                del queues[key]
            taken.offers.append(offer)
            taken.traded.add(offer.position.key)
            taken.counted[offer.position.security.group] = counted
            steps.append((offer, worth))
        return steps

    def _worth(self, taken: _Taken, offer: _Offer) -> tuple[Worth, Gains]:
        """Return what an offer is worth after those taken, and the losses of its group that count with it."""
        tax, group = self.view.case.tax, offer.position.security.group
        before, own = taken.losses, taken.counted.get(group, (ZERO, ZERO))
        counted = self._counted(taken, offer, own)
        after = before[0] + counted[0] - own[0], before[1] + counted[1] - own[1]
        start = year_so_far(tax)
        saved = tax_of_year(start.plus(-before[0], -before[1]), tax) - tax_of_year(
            start.plus(-after[0], -after[1]), tax
        )
        more = sum(counted, ZERO) - sum(own, ZERO)
        cost = offer.rate * offer.view.value + (ZERO if offer.position.key in taken.traded else offer.tickets)
        parts = cents(saved), cents(tax.deferred_tax_rate * more), cents(cost)
        return Worth(cents(more), *parts, parts[0] - parts[1] - parts[2]), counted

    def _counted(self, taken: _Taken, offer: _Offer, own: Gains) -> Gains:
        group = offer.position.security.group
        if group not in self.view.windows:
            return (own[0] + offer.loss, own[1]) if offer.is_short else (own[0], own[1] + offer.loss)
        together = [*(o for o in taken.offers if o.position.security.group == group), offer]
        key = frozenset(o.lot_id for o in together)
        if key not in self.analysed:
            self.analysed[key] = self._analyse(together)
        return self.analysed[key]

    def _analyse(self, together: list[_Offer]) -> Gains:
        """Return the losses that count when these lots of one group are sold, all on the day."""
        # sold on one day, they count as sold in the order in which they were bought (Reg. 1.1091-1(b))
        together = sorted(together, key=lambda o: (o.view.lot.acquired, o.lot_id))
        sales = [_sale(o.position, o.view) for o in together]
        group = together[0].position.security.group
        outcomes = analyse_sales(self.households[group], sales) if len(sales) > 1 else (together[0].wash,)
        counts = [(o.is_short, w.counted_loss) for o, w in zip(together, outcomes, strict=True)]
        return sum((c for short, c in counts if short), ZERO), sum((c for short, c in counts if not short), ZERO)

    def _washed(self, offer: _Offer) -> HarvestLot:
        """Return the row of a lot whose loss would be gone for good, or put off whole."""
        wash = offer.wash
        until = None if wash.free_from is None else wash.free_from - _ONE_DAY
        code = PassedOver.IRA_PURCHASE if wash.permanent else PassedOver.ALL_WASHED
        row = _row(offer.view, code, wash.sentence, until)
        return replace(row, alone=self._worth(_Taken(), offer)[0], wash=wash)


def _row(view: LotView, passed: PassedOver | None, why: str, until: date | None) -> HarvestLot:
    lot, loss = view.lot, _loss(view)
    return HarvestLot(
        lot=lot.id,
        account=lot.account,
        symbol=lot.symbol,
        acquired=lot.acquired,
        quantity=lot.quantity,
        value=cents(view.value),
        basis=lot.cost_basis,
        loss=loss,
        loss_fraction=loss / lot.cost_basis,
        term=view.term or Term.LONG,
        order=None,
        passed=passed,
        why=why,
        until=until,
        alone=None,
        after=None,
        wash=None,
    )


def _asks_for_wash(passed: _Reason | None) -> bool:
    return passed is None or passed[0] in {PassedOver.IRA_PURCHASE, PassedOver.RECENT_PURCHASE}


def _loss(view: LotView) -> Decimal:
    return cents(-view.gain)


def _sale(position: Position, view: LotView) -> ProposedSale:
    lot = view.lot
    return ProposedSale(lot.account, lot.symbol, lot.quantity, position.security.price, ((lot.id, lot.quantity),))


def _sum(parts: Sequence[Worth]) -> Worth:
    total = NOTHING
    for part in parts:
        total = Worth(
            total.counted + part.counted,
            total.tax_saved + part.tax_saved,
            total.lower_basis + part.lower_basis,
            total.trading_cost + part.trading_cost,
            total.worth + part.worth,
        )
    return total


def _words(offer: _Offer, worth: Worth) -> str:
    text = f"{_parts(worth)} after those above it"
    if worth.counted < offer.loss:
        text += f"; ${worth.counted:,.2f} of its loss of ${offer.loss:,.2f} counts now"
    return text


def _not_worth(worth: Worth, passed: PassedOver) -> str:
    when = "by itself" if passed is PassedOver.NOT_WORTH_IT else "after those above it"
    return f"it is not worth it: {_parts(worth)} {when}"


def _parts(worth: Worth) -> str:
    return (
        f"saves ${worth.tax_saved:,.2f} of tax, less ${worth.lower_basis:,.2f} for the lower basis "
        f"and ${worth.trading_cost:,.2f} to trade: {'-' if worth.worth < 0 else ''}${abs(worth.worth):,.2f}"
    )
