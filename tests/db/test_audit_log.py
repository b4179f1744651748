from dataclasses import dataclass
from datetime import timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db import audit_log
from tests.db.sample import AT


def write_three(session: Session) -> None:
    for number, subject in enumerate(("a.csv", "b.csv", "R-20261030-001")):
        audit_log.append(
            session,
            at=AT.astimezone(timezone(timedelta(hours=-4))),
            by="Jane",
            action="import" if number < 2 else "approve",
            subject=subject,
            details={"rows": str(number), "note": "“quoted” — and ünlike"},
        )


def test_lines_are_kept_in_order_and_the_chain_is_sound(session: Session) -> None:
    assert audit_log.verify(session) is None
    write_three(session)
    assert audit_log.verify(session) is None
    lines = audit_log.entries(session)
    assert [line.subject for line in lines] == ["R-20261030-001", "b.csv", "a.csv"]
    assert lines[0].at == AT
    assert lines[0].details["rows"] == "2"
    assert [line.number for line in audit_log.entries(session, newest=1)] == [3]


@pytest.mark.parametrize("change", ["UPDATE audit_log SET by = 'x'", "DELETE FROM audit_log"])
def test_a_line_cannot_be_changed_or_deleted(session: Session, change: str) -> None:
    write_three(session)
    with pytest.raises(IntegrityError, match="never changed"):
        session.execute(sa.text(change))
    assert len(audit_log.entries(session)) == 3


@dataclass(frozen=True, slots=True)
class Tampering:
    change: str
    first_broken: int


@pytest.mark.parametrize(
    "tampering",
    [
        Tampering("UPDATE audit_log SET by = 'x' WHERE id = 2", 2),
        Tampering("UPDATE audit_log SET details = '{}' WHERE id = 1", 1),
        Tampering("UPDATE audit_log SET at = '2020-01-01 00:00:00.000000' WHERE id = 3", 3),
        Tampering("DELETE FROM audit_log WHERE id = 2", 2),
        Tampering("DELETE FROM audit_log WHERE id = 1", 1),
        Tampering("UPDATE audit_log SET hash = 'x' WHERE id = 1", 1),
    ],
)
def test_what_is_changed_behind_the_triggers_is_found(session: Session, tampering: Tampering) -> None:
    write_three(session)
    session.execute(sa.text("DROP TRIGGER audit_log_no_UPDATE"))
    session.execute(sa.text("DROP TRIGGER audit_log_no_DELETE"))
    session.execute(sa.text(tampering.change))
    session.expire_all()
    assert audit_log.verify(session) == tampering.first_broken


def test_two_lines_cannot_follow_the_same_line(session: Session) -> None:
    write_three(session)
    copy = "INSERT INTO audit_log SELECT 9, at, by, action, subject, details, previous_hash, 'x' FROM audit_log LIMIT 1"
    with pytest.raises(IntegrityError, match="UNIQUE"):
        session.execute(sa.text(copy))
