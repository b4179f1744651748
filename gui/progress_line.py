"""The right end of the status line: what is being worked on, how far it is, and the way to stop it."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from gui.jobs import Job, Jobs
from gui.pieces import label

QUIET_MS = 250
"""Work shorter than this is not announced."""


class ProgressLine(QWidget):
    """Shows the job that was started last and still runs."""

    def __init__(self, jobs: Jobs) -> None:
        super().__init__()
        self.jobs = jobs
        self._running: list[Job] = []
        self._told: object = None
        self.said = label()
        self.said.setMaximumWidth(420)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(180)
        self.cancel = QPushButton("Cancel")
        self.cancel.setToolTip("Stop this; nothing of it is kept")
        self.cancel.clicked.connect(self._cancel)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 2, 8, 2)
        for part in (self.said, self.bar, self.cancel):
            line.addWidget(part)
        self._parts = (self.said, self.bar, self.cancel)
        self._announce = QTimer(self)
        self._announce.setSingleShot(True)
        self._announce.setInterval(QUIET_MS)
        self._announce.timeout.connect(self._show)
        self._hide()
        jobs.started.connect(self._started)
        jobs.ended.connect(self._ended)

    def _started(self, job: Job) -> None:
        self._running.append(job)
        job.progressed.connect(self._progressed)
        if not self._announce.isActive():
            self._announce.start()

    def _ended(self, job: Job) -> None:
        if job in self._running:
            self._running.remove(job)
        if self._running:
            self._show()
        else:
            self._announce.stop()
            self._hide()

    def _progressed(self, done: int, total: int, what: str) -> None:
        sender = self.sender()
        if not self._running or sender is not self._running[-1]:
            return
        self._told = sender
        title = self._running[-1].title
        self.said.setText(f"{title}: {what}" if what else title)
        self.bar.setRange(0, max(total, 0))
        self.bar.setValue(done)

    def _show(self) -> None:
        if not self._running:
            return
        if self._told is not self._running[-1]:
            self.said.setText(self._running[-1].title)
            self.bar.setRange(0, 0)
        self.cancel.setEnabled(True)
        for part in self._parts:
            part.show()

    def _hide(self) -> None:
        for part in self._parts:
            part.hide()

    def _cancel(self) -> None:
        self.cancel.setEnabled(False)
        self.said.setText("Stopping …")
        for job in self._running:
            job.cancel()
