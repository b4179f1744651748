"""How an account's custodian chooses lots; where the rates of a tax profile come from."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("lot_method", sa.String(24), nullable=True))
    op.add_column("tax_profiles", sa.Column("rates_from", sa.String(24), nullable=True))
    op.add_column("tax_profiles", sa.Column("state", sa.Text(), nullable=True))
    op.add_column("tax_profiles", sa.Column("ordinary_income", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("tax_profiles", "ordinary_income")
    op.drop_column("tax_profiles", "state")
    op.drop_column("tax_profiles", "rates_from")
    op.drop_column("accounts", "lot_method")
