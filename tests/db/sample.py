"""A small office, written row by row: two households, three accounts, an import, prices."""

from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from db import tables
from engine.portfolio import Action, Registration

DAY = date(2026, 10, 30)
AT = datetime(2026, 10, 30, 21, tzinfo=UTC)
D = Decimal


def fill(session: Session) -> None:
    """Write the office. Abbott has accounts 1 (taxable) and 2 (Roth), Baker nothing; account 3 is nobody's."""
    _rules(session)
    batch = tables.ImportBatch(status="applied", by="me", at=AT)
    session.add(batch)
    session.flush()
    file = tables.ImportFile(
        batch_id=batch.id, name="positions.csv", sha256="ab", importer="test", as_of=DAY, complete=True, records="{}"
    )
    session.add(file)
    session.flush()
    _accounts(session)
    _holdings(session, file.id)
    _trades(session, file.id)
    _strategy(session)


def _strategy(session: Session) -> None:
    strategy = tables.Strategy(name="Core overlay")
    session.add(strategy)
    session.flush()
    version = tables.StrategyVersion(
        strategy_id=strategy.id,
        version=1,
        policy="{}",
        policy_sha256="ab",
        previous="0",
        seal="cd",
        signed_by="me",
        signed_at=AT,
        reason="",
        cool_off=DAY,
        expectations="[]",
    )
    session.add(version)
    session.flush()
    session.add(tables.StrategyMove(version_id=version.id, at=AT, mode="paper", by="me", reason=""))
    session.add(
        tables.TiltOverrideRow(
            strategy_id=strategy.id,
            asset_class="us_equity",
            tilt=D("-0.05"),
            author="me",
            reason="election",
            made=DAY,
            expires=date(2026, 12, 31),
        )
    )


def _rules(session: Session) -> None:
    profile = tables.TaxProfile(
        name="Abbott 2026",
        filing_status="married_joint",
        short_term_rate=D("0.408"),
        long_term_rate=D("0.238"),
        ordinary_rate=D("0.37"),
        ordinary_loss_limit=D(3000),
        loss_carry_rate=D("0.12"),
        deferred_tax_rate=D("0.10"),
        ytd_short_term=D("-120.55"),
        ytd_long_term=D(0),
        carryforward_short_term=D(0),
        carryforward_long_term=D(0),
        ytd_loss_deduction_used=D(0),
    )
    group = tables.IdentityGroup(name="CRSP US Total Market")
    model = tables.Model(name="Balanced")
    policy = tables.Policy(name="Standard", settings='{"band_relative": "0.20"}')
    session.add_all([profile, group, model, policy])
    session.flush()
    vti = tables.Security(symbol="VTI", name="Total market", asset_class="us_equity", identity_group_id=group.id)
    itot = tables.Security(symbol="ITOT", asset_class="us_equity", half_spread_bp=D("1.5"), adv_shares=D(1000))
    bnd = tables.Security(symbol="BND", asset_class="us_bond")
    odd = tables.Security(symbol="ODDX")
    session.add_all([vti, itot, bnd, odd])
    session.flush()
    session.add(tables.Substitute(security_id=vti.id, rank=1, substitute_id=itot.id))
    for rank, (name, weight, buys) in enumerate([("us_equity", "0.6", [vti, itot]), ("us_bond", "0.4", [bnd])], 1):
        target = tables.ModelTarget(model_id=model.id, rank=rank, asset_class=name, weight=D(weight))
        session.add(target)
        session.flush()
        for place, security in enumerate(buys, 1):
            session.add(tables.BuyListEntry(model_target_id=target.id, rank=place, security_id=security.id))
    abbott = tables.Household(
        name="Abbott", tax_profile_id=profile.id, model_id=model.id, policy_id=policy.id, notes="since 2011"
    )
    session.add_all([abbott, tables.Household(name="Baker")])
    session.flush()
    session.add(tables.Person(household_id=abbott.id, name="Jane Abbott", role="client"))


def _accounts(session: Session) -> None:
    common = {"household_id": 1, "custodian": "schwab", "cash_as_of": DAY, "positions_as_of": DAY}
    session.add_all(
        [
            tables.Account(
                number="1234-5678", owner="Jane", registration=Registration.TAXABLE, cash=D("1000.50"), **common
            ),
            tables.Account(number="1234-9999", owner="Jane", registration=Registration.ROTH_IRA, cash=D(5), **common),
            tables.Account(custodian="fidelity", number="Z123"),
        ]
    )
    session.flush()
    session.add(tables.Restriction(household_id=1, account_id=1, symbol="VTI", kind="lock", reason="gift"))
    session.add(tables.Restriction(household_id=1, symbol="ODDX", kind="do_not_buy", until=DAY))


def _holdings(session: Session, file: int) -> None:
    source = {"as_of": DAY, "import_file_id": file}
    for account, security, quantity in ((1, 1, "120.5"), (2, 3, "40"), (3, 4, "7")):
        session.add(
            tables.Position(account_id=account, security_id=security, quantity=D(quantity), price=D("10.25"), **source)
        )
    for number, (account, security, quantity) in enumerate(((1, 1, "100"), (1, 1, "20.5"), (2, 3, "40")), 1):
        session.add(
            tables.Lot(
                account_id=account,
                security_id=security,
                key=f"L{number}",
                acquired=date(2024, number, 5),
                quantity=D(quantity),
                cost_basis=D("900.10"),
                **source,
            )
        )
    for day, close, adjusted in ((28, "10", "9.5"), (29, "10.5", "10"), (30, None, "10.2")):
        session.add(
            tables.Price(
                security_id=1,
                date=date(2026, 10, day),
                close=D(close) if close else None,
                adjusted=D(adjusted),
                import_file_id=file,
            )
        )
    session.add(tables.Price(security_id=3, date=date(2026, 10, 30), close=D("72.5"), import_file_id=file))


def _trades(session: Session, file: int) -> None:
    for day, action, quantity, loss in (
        (date(2026, 10, 20), Action.SELL, "10", "0"),
        (date(2026, 10, 20), Action.SELL, "4", "4"),
        (date(2026, 10, 2), Action.BUY, "20.5", "0"),
        (date(2026, 3, 2), Action.BUY, "1", "0"),
    ):
        session.add(
            tables.Transaction(
                account_id=1,
                security_id=1,
                date=day,
                action=action,
                quantity=D(quantity),
                amount=D(100),
                ordinal=1,
                loss_quantity=D(loss),
                lot_key="L2" if action is Action.BUY and day.month == 10 else "",
                import_file_id=file,
            )
        )
    for sold, security, quantity, gain in (
        (date(2026, 10, 20), 1, "9", "-30"),
        (date(2026, 10, 21), 3, "6", "-12.5"),
        (date(2026, 2, 3), 1, "2", "5"),
        (date(2025, 12, 30), 1, "2", "5"),
    ):
        session.add(
            tables.Realized(
                account_id=1,
                security_id=security,
                acquired=date(2025, 1, 2),
                sold=sold,
                quantity=D(quantity),
                proceeds=D(60),
                cost_basis=D(60) - D(gain),
                gain=D(gain),
                ordinal=1,
                import_file_id=file,
            )
        )
    session.flush()
