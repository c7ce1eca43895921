"""The filters that a Postfix is given: postseal-milter, and the daemons it replaces."""

import os
import pathlib
import shutil
import signal
from collections.abc import Mapping

from milter.e2e import sandbox
from milter.e2e.milter_client import Client
from milter.e2e.milter_wire import ProtocolFault
from milter.e2e.process import Process, accepts, accepts_local

# Without POSTSEAL_MILTER the scenarios run against OpenDKIM: that tests the harness.
POSTSEAL = os.path.abspath(os.environ["POSTSEAL"]) if "POSTSEAL" in os.environ else ""
POSTSEAL_MILTER = (
    os.path.abspath(os.environ["POSTSEAL_MILTER"]) if os.environ.get("POSTSEAL_MILTER") else ""
)
UNDER_TEST = "postseal" if POSTSEAL_MILTER else "opendkim"

_PROGRAMS = {"postseal": POSTSEAL_MILTER, "opendkim": "opendkim"}
_ports = iter(range(10001, 11000))


class Milter:
    """Milter is opendkim or postseal-milter with an opendkim.conf of its own. |directives|
    replace the default ones; None leaves one out, a list writes it several times."""

    def __init__(
        self,
        name: str,
        directives: Mapping[str, str | list[str] | None],
        kind: str = UNDER_TEST,
        own_form: bool = False,
    ) -> None:
        """With |own_form| the file is a postseal-milter.conf."""
        self.name = name
        self.kind = kind
        self.port = next(_ports)
        self.folder = sandbox.ROOT / name
        self.folder.mkdir(exist_ok=True)
        shutil.chown(self.folder, "opendkim")
        self.config = self.folder / "opendkim.conf"
        self._option = "-c" if own_form else "-x"
        self._process: Process | None = None
        self._defaults = {
            "Socket": f"inet:{self.port}@127.0.0.1",
            "UserID": "opendkim",
            "PidFile": str(self.folder / "pid"),
            "Syslog": "yes",
            "SyslogSuccess": "yes",
            "LogWhy": "yes",
        }
        if kind == "opendkim":
            # Its libunbound asks the root servers else.
            self._defaults["Nameservers"] = "127.0.0.1"
        self.write(directives)

    def write(self, directives: Mapping[str, str | list[str] | None]) -> None:
        """Writes the configuration."""
        lines = []
        for name, value in (self._defaults | dict(directives)).items():
            for one in [value] if isinstance(value, str) else value or []:
                lines.append(f"{name} {one}\n")
        self.config.write_text("".join(lines), encoding="utf-8")
        self.socket = (self._defaults | dict(directives))["Socket"]

    def command(self, *more: str) -> list[str]:
        return [_PROGRAMS[self.kind], self._option, str(self.config), *more]

    @property
    def log(self) -> pathlib.Path:
        return self.folder / "out"

    @property
    def process(self) -> Process:
        assert self._process is not None
        return self._process

    def start(self) -> "Milter":
        self._process = Process(self.name, self.command("-f"), self.log)
        self._process.wait_until(lambda: self.listens() and self._answers())
        return self

    def _answers(self) -> bool:
        """Says whether it answers a negotiation: it may listen before it is ready."""
        form, _, rest = self.socket.partition(":")
        port, _, host = rest.partition("@")
        is_local = form in ("local", "unix")
        address = rest if is_local else (host.strip("[]") or "127.0.0.1", int(port))
        client = Client(address)
        try:
            client.negotiate()
        except (OSError, ProtocolFault):
            return False
        finally:
            client.close()
        return True

    def listens(self) -> bool:
        form, _, rest = self.socket.partition(":")
        if form in ("local", "unix"):
            return accepts_local(rest)
        port, _, host = rest.partition("@")
        return accepts(host.strip("[]") or "127.0.0.1", int(port))

    def stop(self, number: int = signal.SIGTERM) -> int:
        status = self.process.stop(number)
        self._process = None
        return status

    def for_postfix(self) -> str:
        """The value of smtpd_milters."""
        form, _, rest = self.socket.partition(":")
        if form in ("local", "unix"):
            return f"unix:{rest}"
        port, _, host = rest.partition("@")
        return f"{form}:{host or '127.0.0.1'}:{port}"


class OpenDmarc:
    """OpenDmarc judges by the Authentication-Results that the filters before it wrote."""

    def __init__(self, authserv_id: str) -> None:
        folder = sandbox.ROOT / "opendmarc"
        folder.mkdir()
        self.port = next(_ports)
        config = folder / "opendmarc.conf"
        config.write_text(
            f"Socket inet:{self.port}@127.0.0.1\nAuthservID {authserv_id}\n"
            f"TrustedAuthservIDs {authserv_id}\nUserID opendmarc\nSyslog yes\n"
            "PublicSuffixList /usr/share/publicsuffix/public_suffix_list.dat\n",
            encoding="ascii",
        )
        self._process = Process("opendmarc", ["opendmarc", "-f", "-c", str(config)], folder / "out")
        self._process.wait_until(lambda: accepts("127.0.0.1", self.port))

    def for_postfix(self) -> str:
        return f"inet:127.0.0.1:{self.port}"

    def stop(self) -> None:
        self._process.stop()


def policyd_spf(postfix, authserv_id: str) -> None:
    """Lets that Postfix ask Debian's SPF policy daemon; it refuses nothing."""
    config = sandbox.ROOT / "policyd-spf.conf"
    config.write_text(
        "debugLevel = 1\nTestOnly = 1\nHELO_reject = False\nMail_From_reject = False\n"
        f"Header_Type = AR\nAuthserv_Id = {authserv_id}\n"
        "skip_addresses = 127.0.0.0/8\n",
        encoding="ascii",
    )
    program = shutil.which("policyd-spf")
    postfix.add_service(
        f"policyd-spf unix - n n - 0 spawn user=policyd-spf argv={program} {config}"
    )
    postfix.set(
        smtpd_recipient_restrictions="check_policy_service unix:private/policyd-spf, permit",
        **{"policyd-spf_time_limit": "3600"},
    )
