"""The office: what can be held, what households follow, who they are."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.execute("PRAGMA application_id = 1347176781")
    _create_securities()
    _create_rules()
    _create_models()
    _create_households()
    _create_accounts()
    _create_account_names()


def downgrade() -> None:
    for table in (
        "office_settings",
        "restrictions",
        "account_aliases",
        "accounts",
        "people",
        "households",
        "buy_list_entries",
        "model_targets",
        "models",
        "policies",
        "tax_profiles",
        "substitutes",
        "securities",
        "identity_groups",
    ):
        op.drop_table(table)


def _create_securities() -> None:
    op.create_table(
        "identity_groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_identity_groups"),
        sa.UniqueConstraint("name", name="uq_identity_groups_name"),
    )
    op.create_table(
        "securities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("asset_class", sa.Text(), nullable=True),
        sa.Column("identity_group_id", sa.Integer(), nullable=True),
        sa.Column("security_type", sa.Text(), nullable=False),
        sa.Column("cusip", sa.Text(), nullable=False),
        sa.Column("half_spread_bp", sa.BigInteger(), nullable=False),
        sa.Column("carry_bp", sa.BigInteger(), nullable=False),
        sa.Column("adv_shares", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["identity_group_id"], ["identity_groups.id"], name="fk_securities_identity_group_id_identity_groups"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_securities"),
        sa.UniqueConstraint("symbol", name="uq_securities_symbol"),
    )
    op.create_table(
        "substitutes",
        sa.Column("security_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("substitute_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["security_id"], ["securities.id"], name="fk_substitutes_security_id_securities"),
        sa.ForeignKeyConstraint(["substitute_id"], ["securities.id"], name="fk_substitutes_substitute_id_securities"),
        sa.PrimaryKeyConstraint("security_id", "rank", name="pk_substitutes"),
        sa.UniqueConstraint("security_id", "substitute_id", name="uq_substitutes_security_id_substitute_id"),
    )


def _create_rules() -> None:
    op.create_table(
        "tax_profiles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("filing_status", sa.Text(), nullable=False),
        sa.Column("short_term_rate", sa.BigInteger(), nullable=False),
        sa.Column("long_term_rate", sa.BigInteger(), nullable=False),
        sa.Column("ordinary_rate", sa.BigInteger(), nullable=False),
        sa.Column("ordinary_loss_limit", sa.BigInteger(), nullable=False),
        sa.Column("loss_carry_rate", sa.BigInteger(), nullable=False),
        sa.Column("deferred_tax_rate", sa.BigInteger(), nullable=False),
        sa.Column("ytd_short_term", sa.BigInteger(), nullable=False),
        sa.Column("ytd_long_term", sa.BigInteger(), nullable=False),
        sa.Column("carryforward_short_term", sa.BigInteger(), nullable=False),
        sa.Column("carryforward_long_term", sa.BigInteger(), nullable=False),
        sa.Column("ytd_loss_deduction_used", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tax_profiles"),
        sa.UniqueConstraint("name", name="uq_tax_profiles_name"),
    )
    op.create_table(
        "policies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_policies"),
        sa.UniqueConstraint("name", name="uq_policies_name"),
    )


def _create_models() -> None:
    op.create_table(
        "models",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_models"),
        sa.UniqueConstraint("name", name="uq_models_name"),
    )
    op.create_table(
        "model_targets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("asset_class", sa.Text(), nullable=False),
        sa.Column("weight", sa.BigInteger(), nullable=False),
        sa.Column("overlay_etf", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name="fk_model_targets_model_id_models"),
        sa.PrimaryKeyConstraint("id", name="pk_model_targets"),
        sa.UniqueConstraint("model_id", "asset_class", name="uq_model_targets_model_id_asset_class"),
    )
    op.create_table(
        "buy_list_entries",
        sa.Column("model_target_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("security_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_target_id"], ["model_targets.id"], name="fk_buy_list_entries_model_target_id_model_targets"
        ),
        sa.ForeignKeyConstraint(["security_id"], ["securities.id"], name="fk_buy_list_entries_security_id_securities"),
        sa.PrimaryKeyConstraint("model_target_id", "rank", name="pk_buy_list_entries"),
        sa.UniqueConstraint("model_target_id", "security_id", name="uq_buy_list_entries_model_target_id_security_id"),
    )


def _create_households() -> None:
    op.create_table(
        "households",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tax_profile_id", sa.Integer(), nullable=True),
        sa.Column("model_id", sa.Integer(), nullable=True),
        sa.Column("policy_id", sa.Integer(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name="fk_households_model_id_models"),
        sa.ForeignKeyConstraint(["policy_id"], ["policies.id"], name="fk_households_policy_id_policies"),
        sa.ForeignKeyConstraint(
            ["tax_profile_id"], ["tax_profiles.id"], name="fk_households_tax_profile_id_tax_profiles"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_households"),
        sa.UniqueConstraint("name", name="uq_households_name"),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name="fk_people_household_id_households"),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("household_id", "name", name="uq_people_household_id_name"),
    )


def _create_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=True),
        sa.Column("custodian", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("registration", sa.String(24), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("cash", sa.BigInteger(), nullable=True),
        sa.Column("cash_as_of", sa.Date(), nullable=True),
        sa.Column("positions_as_of", sa.Date(), nullable=True),
        sa.Column("cash_reserve", sa.BigInteger(), nullable=False),
        sa.Column("withdraw", sa.BigInteger(), nullable=False),
        sa.Column("fractional", sa.Boolean(), nullable=False),
        sa.Column("ticket_charge", sa.BigInteger(), nullable=False),
        sa.Column("min_trade", sa.BigInteger(), nullable=False),
        sa.Column("discretionary", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name="fk_accounts_household_id_households"),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("custodian", "number", name="uq_accounts_custodian_number"),
    )
    op.create_index("ix_accounts_household_id", "accounts", ["household_id"])


def _create_account_names() -> None:
    op.create_table(
        "account_aliases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("custodian", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_account_aliases_account_id_accounts"),
        sa.PrimaryKeyConstraint("id", name="pk_account_aliases"),
        sa.UniqueConstraint("custodian", "alias", name="uq_account_aliases_custodian_alias"),
    )
    op.create_index("ix_account_aliases_account_id", "account_aliases", ["account_id"])
    op.create_table(
        "restrictions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint("kind IN ('do_not_buy', 'do_not_sell', 'lock')", name="ck_restrictions_kind"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_restrictions_account_id_accounts"),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name="fk_restrictions_household_id_households"),
        sa.PrimaryKeyConstraint("id", name="pk_restrictions"),
    )
    op.create_index("ix_restrictions_household_id", "restrictions", ["household_id"])
    op.create_table(
        "office_settings",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_office_settings"),
    )
