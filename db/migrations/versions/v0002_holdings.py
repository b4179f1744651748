"""What files said: imports, prices, positions, lots, trades, realized gains."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_imports()
    _create_problems()
    _create_prices()
    _create_holdings()
    _create_lots()
    _create_trades()
    _create_realized()


def downgrade() -> None:
    for table in (
        "realized_gains",
        "transactions",
        "lots",
        "positions",
        "macro_values",
        "macro_series",
        "prices",
        "data_problems",
        "import_files",
        "import_batches",
    ):
        op.drop_table(table)


def _create_imports() -> None:
    op.create_table(
        "import_batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_import_batches"),
    )
    op.create_table(
        "import_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("importer", sa.Text(), nullable=False),
        sa.Column("column_map_sha256", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("records", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name="fk_import_files_batch_id_import_batches"),
        sa.PrimaryKeyConstraint("id", name="pk_import_files"),
    )
    op.create_index("ix_import_files_sha256", "import_files", ["sha256"])


def _create_problems() -> None:
    op.create_table(
        "data_problems",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_file_id", sa.Integer(), nullable=True),
        sa.Column("household_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("severity", sa.String(24), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_data_problems_account_id_accounts"),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name="fk_data_problems_household_id_households"),
        sa.ForeignKeyConstraint(
            ["import_file_id"], ["import_files.id"], name="fk_data_problems_import_file_id_import_files"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_data_problems"),
    )
    op.create_index("ix_data_problems_account_id", "data_problems", ["account_id"])
    op.create_index("ix_data_problems_household_id", "data_problems", ["household_id"])
    op.create_index("ix_data_problems_import_file_id", "data_problems", ["import_file_id"])


def _create_prices() -> None:
    op.create_table(
        "prices",
        sa.Column("security_id", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("close", sa.BigInteger(), nullable=True),
        sa.Column("adjusted", sa.BigInteger(), nullable=True),
        sa.Column("import_file_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["import_file_id"], ["import_files.id"], name="fk_prices_import_file_id_import_files"),
        sa.ForeignKeyConstraint(["security_id"], ["securities.id"], name="fk_prices_security_id_securities"),
        sa.PrimaryKeyConstraint("security_id", "date", name="pk_prices"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "macro_series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_macro_series"),
        sa.UniqueConstraint("name", name="uq_macro_series_name"),
    )
    op.create_table(
        "macro_values",
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("import_file_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_file_id"], ["import_files.id"], name="fk_macro_values_import_file_id_import_files"
        ),
        sa.ForeignKeyConstraint(["series_id"], ["macro_series.id"], name="fk_macro_values_series_id_macro_series"),
        sa.PrimaryKeyConstraint("series_id", "date", name="pk_macro_values"),
        sqlite_with_rowid=False,
    )


def _create_holdings() -> None:
    op.create_table(
        "positions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("security_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column("market_value", sa.BigInteger(), nullable=True),
        sa.Column("cost_basis", sa.BigInteger(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("import_file_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_positions_account_id_accounts"),
        sa.ForeignKeyConstraint(
            ["import_file_id"], ["import_files.id"], name="fk_positions_import_file_id_import_files"
        ),
        sa.ForeignKeyConstraint(["security_id"], ["securities.id"], name="fk_positions_security_id_securities"),
        sa.PrimaryKeyConstraint("id", name="pk_positions"),
        sa.UniqueConstraint("account_id", "security_id", name="uq_positions_account_id_security_id"),
    )
    op.create_index("ix_positions_security_id", "positions", ["security_id"])


def _create_lots() -> None:
    op.create_table(
        "lots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("security_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("acquired", sa.Date(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("cost_basis", sa.BigInteger(), nullable=False),
        sa.Column("holding_days_carried", sa.Integer(), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("import_file_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_lots_account_id_accounts"),
        sa.ForeignKeyConstraint(["import_file_id"], ["import_files.id"], name="fk_lots_import_file_id_import_files"),
        sa.ForeignKeyConstraint(["security_id"], ["securities.id"], name="fk_lots_security_id_securities"),
        sa.PrimaryKeyConstraint("id", name="pk_lots"),
        sa.UniqueConstraint("account_id", "key", name="uq_lots_account_id_key"),
    )
    op.create_index("ix_lots_security_id", "lots", ["security_id"])


def _create_trades() -> None:
    op.create_table(
        "transactions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("security_id", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("action", sa.String(24), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("loss_quantity", sa.BigInteger(), nullable=False),
        sa.Column("lot_key", sa.Text(), nullable=False),
        sa.Column("import_file_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_transactions_account_id_accounts"),
        sa.ForeignKeyConstraint(
            ["import_file_id"], ["import_files.id"], name="fk_transactions_import_file_id_import_files"
        ),
        sa.ForeignKeyConstraint(["security_id"], ["securities.id"], name="fk_transactions_security_id_securities"),
        sa.PrimaryKeyConstraint("id", name="pk_transactions"),
        sa.UniqueConstraint(
            "account_id",
            "security_id",
            "date",
            "action",
            "quantity",
            "amount",
            "ordinal",
            name="uq_transactions_row",
        ),
    )
    op.create_index("ix_transactions_account_id_date", "transactions", ["account_id", "date"])
    op.create_index("ix_transactions_security_id", "transactions", ["security_id"])


def _create_realized() -> None:
    op.create_table(
        "realized_gains",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("security_id", sa.Integer(), nullable=False),
        sa.Column("acquired", sa.Date(), nullable=True),
        sa.Column("sold", sa.Date(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("proceeds", sa.BigInteger(), nullable=False),
        sa.Column("cost_basis", sa.BigInteger(), nullable=False),
        sa.Column("gain", sa.BigInteger(), nullable=False),
        sa.Column("disallowed", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("import_file_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_realized_gains_account_id_accounts"),
        sa.ForeignKeyConstraint(
            ["import_file_id"], ["import_files.id"], name="fk_realized_gains_import_file_id_import_files"
        ),
        sa.ForeignKeyConstraint(["security_id"], ["securities.id"], name="fk_realized_gains_security_id_securities"),
        sa.PrimaryKeyConstraint("id", name="pk_realized_gains"),
        sa.UniqueConstraint(
            "account_id",
            "security_id",
            "sold",
            "quantity",
            "proceeds",
            "cost_basis",
            "ordinal",
            name="uq_realized_gains_row",
        ),
    )
    op.create_index("ix_realized_gains_security_id", "realized_gains", ["security_id"])
