"""Brings a database to the tables of this version: up, down (for tests), and what stands in the way."""

from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

APPLICATION_ID = 0x504C494D
"""PLIM: what a SQLite file says about which program it belongs to."""


def config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration, without any file: the revisions are a package of ours."""
    found = Config()
    found.set_main_option("script_location", str(files("db.migrations")).replace("%", "%%"))
    found.attributes["connection"] = connection
    return found


def revisions() -> tuple[str, ...]:
    """Return the revisions that this version knows, the oldest first."""
    script = ScriptDirectory.from_config(config())
    return tuple(reversed([step.revision for step in script.walk_revisions()]))


def head() -> str:
    """Return the revision that this version needs."""
    return revisions()[-1]


def revision_of(connection: Connection) -> str | None:
    """Return the revision of a database; None when it has none."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring a database up to a revision, in the connection's transaction."""
    command.upgrade(config(connection), revision)


def downgrade(connection: Connection, revision: str) -> None:
    """Bring a database down to a revision (`base` = no tables), in the connection's transaction."""
    command.downgrade(config(connection), revision)
