"""What was proposed and decided: runs, proposals, trades, approvals."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_runs()
    _create_proposals()
    _create_trades()
    _create_approvals()


def downgrade() -> None:
    for table in (
        "approvals",
        "trade_lots",
        "trades",
        "proposals",
        "skipped_households",
        "run_sources",
        "runs",
    ):
        op.drop_table(table)


def _create_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("prices_as_of", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("engine_version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.UniqueConstraint("key", name="uq_runs_key"),
    )
    op.create_table(
        "run_sources",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("import_file_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_file_id"], ["import_files.id"], name="fk_run_sources_import_file_id_import_files"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_run_sources_run_id_runs"),
        sa.PrimaryKeyConstraint("run_id", "import_file_id", name="pk_run_sources"),
    )
    op.create_table(
        "skipped_households",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("household", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_skipped_households_run_id_runs"),
        sa.PrimaryKeyConstraint("id", name="pk_skipped_households"),
    )
    op.create_index("ix_skipped_households_run_id", "skipped_households", ["run_id"])


def _create_proposals() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("objective", sa.BigInteger(), nullable=False),
        sa.Column("case_sha256", sa.Text(), nullable=False),
        sa.Column("case_json", sa.LargeBinary(), nullable=False),
        sa.Column("proposal_json", sa.Text(), nullable=False),
        sa.Column("overlay_json", sa.Text(), nullable=True),
        sa.Column("facts_json", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name="fk_proposals_household_id_households"),
        sa.ForeignKeyConstraint(["parent_id"], ["proposals.id"], name="fk_proposals_parent_id_proposals"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_proposals_run_id_runs"),
        sa.PrimaryKeyConstraint("id", name="pk_proposals"),
        sa.UniqueConstraint("parent_id", name="uq_proposals_parent_id"),
    )
    op.create_index("ix_proposals_household_id", "proposals", ["household_id"])
    op.create_index("ix_proposals_run_id", "proposals", ["run_id"])


def _create_trades() -> None:
    op.create_table(
        "trades",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("security_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(24), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_trades_account_id_accounts"),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposals.id"], name="fk_trades_proposal_id_proposals"),
        sa.ForeignKeyConstraint(["security_id"], ["securities.id"], name="fk_trades_security_id_securities"),
        sa.PrimaryKeyConstraint("id", name="pk_trades"),
        sa.UniqueConstraint(
            "proposal_id", "account_id", "security_id", "side", name="uq_trades_proposal_id_account_id_security_id_side"
        ),
    )
    op.create_index("ix_trades_account_id", "trades", ["account_id"])
    op.create_index("ix_trades_security_id", "trades", ["security_id"])
    op.create_table(
        "trade_lots",
        sa.Column("trade_id", sa.Integer(), nullable=False),
        sa.Column("lot", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("gain", sa.BigInteger(), nullable=False),
        sa.Column("term", sa.String(24), nullable=True),
        sa.ForeignKeyConstraint(["trade_id"], ["trades.id"], name="fk_trade_lots_trade_id_trades"),
        sa.PrimaryKeyConstraint("trade_id", "lot", name="pk_trade_lots"),
    )


def _create_approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_approvals_run_id_runs"),
        sa.PrimaryKeyConstraint("id", name="pk_approvals"),
    )
    op.create_index("ix_approvals_run_id", "approvals", ["run_id"])
