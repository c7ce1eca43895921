"""Collects what daemons write to /dev/log."""

import os
import re
import socket
import threading
import time

from milter.e2e.process import PATIENCE

_LINE = re.compile(r"<(\d+)>(?:\w{3} [ \d]\d \d\d:\d\d:\d\d )?(.*)", re.DOTALL)


class Syslog:
    """Syslog keeps all lines since its start: "PROGRAM[PID]: TEXT"."""

    def __init__(self, path: str = "/dev/log") -> None:
        self._lines: list[str] = []
        self._changed = threading.Condition()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._socket.bind(path)
        os.chmod(path, 0o666)
        threading.Thread(target=self._collect, daemon=True).start()

    def _collect(self) -> None:
        while True:
            octets = self._socket.recv(65536)
            match = _LINE.fullmatch(octets.decode("utf-8", "backslashreplace").rstrip("\n\0"))
            with self._changed:
                self._lines.append(match.group(2) if match else repr(octets))
                self._changed.notify_all()

    def mark(self) -> int:
        """Returns a place to look from."""
        with self._changed:
            return len(self._lines)

    def lines(self, since: int = 0) -> list[str]:
        with self._changed:
            return self._lines[since:]

    def wait_for(self, pattern: str, since: int = 0, seconds: float = PATIENCE) -> str:
        """Returns the first line that |pattern| is found in; AssertionError when none comes."""
        wanted = re.compile(pattern)
        end = time.monotonic() + seconds
        with self._changed:
            while True:
                for line in self._lines[since:]:
                    if wanted.search(line):
                        return line
                if not self._changed.wait(max(0.0, end - time.monotonic())):
                    shown = "\n".join(self._lines[since:][-40:])
                    raise AssertionError(f"no line with {pattern!r} in the log:\n{shown}")
