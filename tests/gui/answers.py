"""An Ask that answers from a script, and fails the test when it is asked something that the script does not know."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.errors import AppError
from gui.ask import Signature


class ScriptedAsk:
    """`answers` maps a question to what is answered; `asked` and `problems` keep what the window said."""

    def __init__(self) -> None:
        self.answers: dict[str, object] = {}
        self.asked: list[tuple[str, str]] = []
        self.problems: list[AppError] = []
        self.bugs: list[BaseException] = []
        self.expects_problems = False

    def confirm(self, title: str, text: str, yes: str) -> bool:
        return bool(self._answer("confirm", f"{title}: {text} {yes}"))

    def choose_files(self, title: str, folder: Path) -> tuple[Path, ...]:
        answer = self._answer("choose_files", title)
        assert isinstance(answer, tuple)
        return answer

    def choose_folder(self, title: str, folder: Path) -> Path | None:
        return self._path("choose_folder", title)

    def open_book(self, folder: Path) -> Path | None:
        return self._path("open_book", "")

    def save_as(self, title: str, suggestion: Path, kinds: str) -> Path | None:
        return self._path("save_as", title)

    def choose(self, title: str, text: str, options: Sequence[str]) -> str | None:
        answer = self._answer("choose", text)
        assert answer is None or answer in options
        return None if answer is None else str(answer)

    def signature(self, title: str, text: str, by: str) -> Signature | None:
        answer = self._answer("signature", text)
        assert answer is None or isinstance(answer, Signature)
        return answer

    def tell(self, title: str, text: str) -> None:
        self.asked.append(("tell", text))

    def problem(self, error: AppError) -> None:
        self.problems.append(error)

    def bug(self, error: BaseException, log_file: Path) -> None:
        self.bugs.append(error)

    def _path(self, question: str, text: str) -> Path | None:
        answer = self._answer(question, text)
        assert answer is None or isinstance(answer, Path)
        return answer

    def _answer(self, question: str, text: str) -> object:
        self.asked.append((question, text))
        if question not in self.answers:
            pytest.fail(f"the window asked {question}: {text}")
        return self.answers[question]
