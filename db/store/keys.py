"""How rows are named outside of the database: account keys and lot ids."""


def account_key(account_id: int) -> str:
    """Return the key of an account: A and its row number."""
    return f"A{account_id}"


def account_id(key: str) -> int:
    """Return the row number in an account key; ValueError for anything else."""
    if not key.startswith("A"):
        raise ValueError(f"{key!r} is no account key")
    return int(key[1:])


def lot_id(account_id: int, lot_key: str) -> str:
    """Return the id of a lot, unique in the book: account key, slash, the lot's key in its account."""
    return f"A{account_id}/{lot_key}"
