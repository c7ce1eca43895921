"""What the tests of the command line share: running it, a zone, a name server."""

import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import unittest
from collections.abc import Iterable
from typing import NamedTuple

POSTSEAL = os.path.abspath(os.environ["POSTSEAL"])
KEYS = pathlib.Path("testdata/keys").absolute()

# 2026-01-01T00:00:00Z
NOW = "1767225600"

MESSAGE = (
    b"From: Alice <alice@example.com>\r\n"
    b"To: Bob <bob@example.org>\r\n"
    b"Subject: Lunch?\r\n"
    b"Date: Thu, 01 Jan 2026 00:00:00 +0000\r\n"
    b"\r\n"
    b"Bob,  are you free at noon? \r\n"
    b"\r\n"
)


class Run(NamedTuple):
    """Run is what one call left behind."""

    status: int
    out: bytes
    err: str


def postseal(*arguments: str | bytes, stdin: bytes = b"") -> Run:
    """Runs the command line."""
    done = subprocess.run(
        [POSTSEAL, *arguments], input=stdin, capture_output=True, timeout=60, check=False
    )
    return Run(done.returncode, done.stdout, done.stderr.decode())


class CommandLineTest(unittest.TestCase):
    """CommandLineTest has a folder of its own with the zone of the test keys."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR"))
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.zone = self.write("example.zone", zone_text())

    def write(self, name: str, octets: bytes) -> str:
        """Writes a file of that name and returns its path."""
        path = self.folder / name
        path.write_bytes(octets)
        path.chmod(0o600)
        return str(path)

    def key(self, name: str, domain: str = "example.com") -> str:
        """Returns the value of --key for one of the test keys; it is its own selector."""
        path = self.write(f"{name}.pem", (KEYS / f"{name}.pem").read_bytes())
        return f"{domain}:{name}:{path}"

    def sign(self, *arguments: str, message: bytes = MESSAGE, key: str = "rsa2048") -> bytes:
        """Returns |message| signed; it must be possible."""
        run = postseal(
            "sign", "--now", NOW, "--key", self.key(key), *arguments, stdin=message
        )
        self.assertEqual((run.status, run.err), (0, ""))
        return run.out

    def verify(self, message: bytes, *arguments: str) -> Run:
        """Verifies |message| with the zone of the test keys."""
        return postseal("verify", "--zone", self.zone, "--now", NOW, *arguments, stdin=message)

    def assert_refused(self, run: Run, *texts: str, status: int = 2) -> None:
        """Checks for one line on standard error that holds |texts|, and no output."""
        self.assertEqual((run.status, run.out), (status, b""), run.err)
        self.assertRegex(run.err, r"\Apostseal: [^\n]+\n\Z")
        for text in texts:
            self.assertIn(text, run.err)


def zone_text() -> bytes:
    """Returns the published halves of the test keys."""
    records = (KEYS / f"{name}.txt" for name in ("rsa1024", "rsa2048", "ed25519"))
    return b"$ORIGIN example.com.\n" + b"".join(path.read_bytes() for path in records)


class NameServer:
    """NameServer is a real one (NSD) on the loopback interface with one zone."""

    def __init__(self, folder: pathlib.Path, zone: str, text: bytes) -> None:
        # The port may be taken between its choice and NSD's start.
        for _ in range(5):
            self.port = free_port()
            self._start(folder, zone, text)
            if self._answers():
                return
            self.close()
        raise RuntimeError("NSD does not answer")

    def _start(self, folder: pathlib.Path, zone: str, text: bytes) -> None:
        (folder / "served.zone").write_bytes(text)
        config = [
            "server:",
            f"ip-address: 127.0.0.1@{self.port}",
            f'zonesdir: "{folder}"',
            f'xfrdir: "{folder}"',
            f'zonelistfile: "{folder}/zone.list"',
            f'logfile: "{folder}/nsd.log"',
            *(f'{name}: ""' for name in ("username", "chroot", "pidfile", "database", "xfrdfile")),
            "server-count: 1",
            "remote-control:",
            "control-enable: no",
            "zone:",
            f"name: {zone}",
            "zonefile: served.zone",
        ]
        path = folder / "nsd.conf"
        path.write_text("\n".join(config) + "\n")
        self._process = subprocess.Popen(["/usr/sbin/nsd", "-d", "-c", str(path)])

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def close(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()

    def _answers(self) -> bool:
        """Waits for an answer; false when NSD ends before one."""
        question = b"\x12\x34\0\0\0\1\0\0\0\0\0\0\0\0\2\0\1"
        while self._process.poll() is None:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                probe.settimeout(0.05)
                probe.connect(("127.0.0.1", self.port))
                try:
                    probe.send(question)
                    probe.recv(512)
                    return True
                except TimeoutError:
                    continue
                except ConnectionError:
                    time.sleep(0.02)
        return False


def free_port() -> int:
    """Returns a UDP port of the loopback interface that nobody listens on."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def lines(octets: bytes) -> Iterable[str]:
    """Returns the lines of an output."""
    return octets.decode().splitlines()
