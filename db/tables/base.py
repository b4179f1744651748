"""The base of all tables: names of constraints, and the column types of plain annotations."""

from datetime import date, datetime
from typing import Annotated, ClassVar

from sqlalchemy import Date, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column

from db.types import UtcDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name that a migration can say."""

Id = Annotated[int, mapped_column(primary_key=True)]


class Base(DeclarativeBase):
    """All tables of a book."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar = {str: Text(), date: Date(), datetime: UtcDateTime()}
