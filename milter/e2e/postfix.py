"""Postfix, in a queue and a configuration of its own."""

import pathlib
import time

from milter.e2e import sandbox
from milter.e2e.process import PATIENCE, Process, accepts

# What every instance has: no TLS, no chroot, no look-up of aliases, quick retries.
_MAIN = {
    "compatibility_level": "3.6",
    "mail_owner": "postfix",
    "setgid_group": "postdrop",
    "alias_maps": "",
    "local_recipient_maps": "",
    "inet_protocols": "ipv4",
    "smtp_tls_security_level": "none",
    "smtpd_tls_security_level": "none",
    "queue_run_delay": "2s",
    "minimal_backoff_time": "2s",
    "maximal_backoff_time": "4s",
    "smtpd_relay_restrictions": "permit_mynetworks, defer_unauth_destination",
    "smtputf8_enable": "yes",
    "message_size_limit": "104857600",
    "mailbox_size_limit": "0",
}

_SERVICES = """\
pickup unix n - n 1 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
"""


class Postfix:
    """Postfix is one instance that listens on one address, port 25."""

    def __init__(self, name: str, address: str, config: str = "", **main: str) -> None:
        """Writes its configuration below |config|, or a folder of its own."""
        self.name = name
        self.address = address
        self.config = pathlib.Path(config or sandbox.ROOT / name / "etc")
        self._process: Process | None = None
        queue = sandbox.ROOT / name / "queue"
        data = sandbox.ROOT / name / "data"
        self.config.mkdir(parents=True, exist_ok=True)
        for folder in (queue, data):
            folder.mkdir(parents=True)
        sandbox.run("chown", "postfix", str(data))
        settings = _MAIN | {
            "queue_directory": str(queue),
            "data_directory": str(data),
            "syslog_name": f"postfix-{name}",
            "inet_interfaces": address,
            "smtp_bind_address": address,
        }
        self._write("main.cf", "".join(f"{k} = {v}\n" for k, v in settings.items()))
        self._write("master.cf", f"{address}:25 inet n - n - - smtpd\n{_SERVICES}")
        for stock in ("dynamicmaps.cf", "postfix-files"):
            if not (self.config / stock).exists():
                (self.config / stock).symlink_to(f"/etc/postfix/{stock}")
        self.set(**main)

    def _write(self, file: str, text: str) -> None:
        (self.config / file).write_text(text, encoding="ascii")

    def set(self, **main: str) -> None:
        """Changes main.cf, as postconf -e does."""
        if main:
            settings = [f"{name}={value}" for name, value in main.items()]
            sandbox.run("postconf", "-c", str(self.config), "-e", *settings)

    def add_service(self, line: str) -> None:
        """Adds a line to master.cf."""
        with open(self.config / "master.cf", "a", encoding="ascii") as file:
            file.write(line + "\n")

    def start(self) -> None:
        command = ["postfix", "-c", str(self.config), "start-fg"]
        self._process = Process(self.name, command, sandbox.ROOT / self.name / "out")
        self._process.wait_until(lambda: accepts(self.address, 25))

    def reload(self) -> None:
        sandbox.run("postfix", "-c", str(self.config), "reload")

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()
            self._process = None

    def queue_ids(self) -> list[str]:
        """Returns what is in the queue."""
        text = sandbox.run("postqueue", "-c", str(self.config), "-j").stdout
        return text.splitlines()

    def wait_until_empty(self, seconds: float = PATIENCE) -> None:
        end = time.monotonic() + seconds
        while self.queue_ids():
            if time.monotonic() > end:
                raise AssertionError(f"{self.name} keeps in its queue: {self.queue_ids()}")
            time.sleep(0.1)
