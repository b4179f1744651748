"""`record`: a frozen dataclass that is as fast to make as any object, for values made by the hundred thousand."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:
    from collections.abc import Callable
    from dataclasses import dataclass

    def record(*, frozen: bool, slots: bool) -> Callable[[type], type]:
        """Make a dataclass that is frozen for the type checker alone; a guard at run time takes five times as long."""
        return dataclass(slots=slots, unsafe_hash=frozen)


__all__ = ["record"]
