"""The one exception family for things that a person can put right.

Problems found in *data* are values (`engine.problems.Problem`), never exceptions. Anything raised that is
not an `AppError` is a bug of ours.
"""


class AppError(Exception):
    """Something the user can fix: what is wrong, where, and what to do next.

    `title` is one short sentence, `detail` the place (file, row, field), `hint` the next step.
    `str()` is the single line that the command line prints.
    """

    def __init__(self, title: str, *, detail: str = "", hint: str = "") -> None:
        self.title = title
        self.detail = detail
        self.hint = hint
        super().__init__(title)

    def __str__(self) -> str:
        """Join the parts into one line."""
        parts = [self.title.rstrip(".")]
        if self.detail:
            parts.append(self.detail.rstrip("."))
        line = ": ".join(parts)
        return " ".join(f"{line}. {self.hint}".split()) if self.hint else " ".join(line.split())
