"""Tickers that changed, and what imported files state about themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "symbol_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("old", "new")),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("merged_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_symbol_changes")),
        sa.UniqueConstraint("old", "changed_on", name=op.f("uq_symbol_changes_old_changed_on")),
    )
    op.add_column("import_files", sa.Column("totals", sa.Text(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("import_files", "totals")
    op.drop_table("symbol_changes")
