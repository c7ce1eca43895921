"""Programs that a test starts and ends, each by its process id."""

import os
import pathlib
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence


# Seconds after which a test gives up waiting for what must come. Nothing is measured by it:
# a machine that is busy with other things takes as long as it takes.
PATIENCE = 120


class Process:
    """Process is one running program. Its output goes to a file."""

    def __init__(self, name: str, command: Sequence[str], log: pathlib.Path, **options) -> None:
        self.name = name
        self.log = log
        with open(log, "ab") as out:
            self._child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, **options
            )

    @property
    def pid(self) -> int:
        return self._child.pid

    def status(self) -> int | None:
        """The exit status; None while it runs."""
        return self._child.poll()

    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="backslashreplace")

    def wait_until(self, ready: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Waits for |ready|, and fails when the program ends first."""
        end = time.monotonic() + seconds
        while not ready():
            if self.status() is not None:
                raise RuntimeError(f"{self.name} ended with {self.status()}:\n{self.output()}")
            if time.monotonic() > end:
                raise RuntimeError(f"{self.name} is not ready:\n{self.output()}")
            time.sleep(0.01)

    def send(self, number: int) -> None:
        if self.status() is None:
            os.kill(self.pid, number)

    def wait(self, seconds: float = PATIENCE) -> int:
        return self._child.wait(seconds)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ends the program and returns its status."""
        self.send(number)
        try:
            return self.wait()
        except subprocess.TimeoutExpired:
            self._child.kill()
            return self.wait()


def accepts(address: str, port: int) -> bool:
    """Says whether something listens on that TCP port."""
    try:
        with socket.create_connection((address, port), timeout=1):
            return True
    except OSError:
        return False


def accepts_local(path: str | os.PathLike) -> bool:
    """Says whether something listens on that UNIX socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as tried:
        return tried.connect_ex(os.fspath(path)) == 0
