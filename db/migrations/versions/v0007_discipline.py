"""Signed strategies with their versions, paper and live, and the overrides of their tilts."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _strategies()
    _moves_and_overrides()


def _strategies() -> None:
    op.create_table(
        "strategies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_strategies")),
        sa.UniqueConstraint("name", name=op.f("uq_strategies_name")),
    )
    op.create_table(
        "strategy_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("strategy_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("policy", "policy_sha256", "previous", "seal")),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("cool_off", sa.Date(), nullable=False),
        sa.Column("expectations", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["strategy_id"], ["strategies.id"], name=op.f("fk_strategy_versions_strategy_id_strategies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_strategy_versions")),
        sa.UniqueConstraint("seal", name=op.f("uq_strategy_versions_seal")),
        sa.UniqueConstraint("strategy_id", "version", name=op.f("uq_strategy_versions_strategy_id_version")),
    )


def _moves_and_overrides() -> None:
    op.create_table(
        "strategy_moves",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("mode", "by", "reason")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["strategy_versions.id"], name=op.f("fk_strategy_moves_version_id_strategy_versions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_strategy_moves")),
    )
    op.create_index(op.f("ix_strategy_moves_version_id"), "strategy_moves", ["version_id"])
    op.create_table(
        "tilt_overrides",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("strategy_id", sa.Integer(), nullable=False),
        sa.Column("asset_class", sa.Text(), nullable=False),
        sa.Column("tilt", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("author", "reason")),
        sa.Column("made", sa.Date(), nullable=False),
        sa.Column("expires", sa.Date(), nullable=False),
        sa.Column("closed", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["strategy_id"], ["strategies.id"], name=op.f("fk_tilt_overrides_strategy_id_strategies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tilt_overrides")),
    )
    op.create_index(op.f("ix_tilt_overrides_strategy_id"), "tilt_overrides", ["strategy_id"])


def downgrade() -> None:
    for name in ("tilt_overrides", "strategy_moves", "strategy_versions", "strategies"):
        op.drop_table(name)
