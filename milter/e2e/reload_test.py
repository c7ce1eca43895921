"""An operator's slips while the filter runs: a reload that would stop signing, a second
instance, a trust anchor that the name server knows nothing of."""

import os
import pathlib
import signal
import subprocess
import time
import urllib.error
import urllib.request

from milter.e2e import filters, sandbox
from milter.e2e.filter_case import NEEDS, OURS, FilterTest, inserted, internal, postseal_only
from milter.e2e.milter_client import deliver_one
from milter.e2e.process import PATIENCE, accepts_local
from milter.e2e.syslog import Syslog

_METRICS = "http://127.0.0.1:19200"


def get(path: str) -> str:
    """Returns the status and the text of a page of MetricsSocket."""
    try:
        with urllib.request.urlopen(_METRICS + path, timeout=PATIENCE) as answer:
            return f"{answer.status} {answer.read().decode()}"
    except urllib.error.HTTPError as refusal:
        return f"{refusal.code} {refusal.read().decode()}"


@postseal_only
class ReloadTest(FilterTest):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.syslog = Syslog()

    def make(self, name: str, **directives: str) -> filters.Milter:
        more = {"MetricsSocket": "inet:19200@127.0.0.1"}
        milter = self.make_filter(name, **more | directives)
        self.addCleanup(self.end, milter)
        return milter

    def end(self, milter: filters.Milter) -> None:
        self.assertEqual(milter.stop(), 0)

    def wait_for_page(self, path: str, text: str) -> None:
        end = time.monotonic() + PATIENCE
        while text not in get(path):
            self.assertLess(time.monotonic(), end, get(path))
            time.sleep(0.05)

    def wait_for_reloads(self, outcome: str, count: int) -> None:
        self.wait_for_page("/metrics", f'postseal_reloads_total{{outcome="{outcome}"}} {count}\n')

    def assert_signs(self, milter: filters.Milter) -> None:
        self.assert_signed(deliver_one(("127.0.0.1", milter.port), internal(OURS)))

    def test_what_stops_signing_is_refused(self) -> None:
        folder = sandbox.ROOT / "dkim"
        hosts = folder / "hosts"
        hosts.write_text(f"127.0.0.1\n{sandbox.MAIL_HOST}\n", encoding="ascii")
        signing = folder / "SigningTable"
        keys = folder / "KeyTable"
        key = folder / "keys/example.com/s1.private"
        milter = self.make("reload", InternalHosts=f"refile:{hosts}")
        self.assert_signs(milter)
        for number, (path, text, mode) in enumerate((
            (signing, "", 0o644),
            (keys, "", 0o644),
            (hosts, f"{sandbox.MAIL_HOST}\n192.0.2.0/33\n", 0o644),
            (hosts, "", 0o644),
            (key, "garbage\n", 0o600),
            (key, key.read_text(encoding="ascii"), 0o644),
        )):
            with self.subTest(f"{path.name} {text[:20]!r} {mode:o}"):
                mark = self.syslog.mark()
                good = path.read_text(encoding="ascii")
                self.replace(path, text, mode)
                milter.process.send(signal.SIGHUP)
                self.wait_for_reloads("bad", number + 1)
                self.syslog.wait_for("configuration not reloaded, the old one stays: ", mark)
                self.assertIn("postseal_config_last_reload_successful 0\n", get("/metrics"))
                health = get("/health")
                self.assertTrue(health.startswith("200 ok\n"), health)
                self.assertIn("the last reload failed", health)
                self.assertIn(path.name.split(".")[0], health)
                self.assert_signs(milter)
                self.replace(path, good, 0o600 if path == key else 0o644)
                milter.process.send(signal.SIGHUP)
                self.wait_for_reloads("good", number + 1)
                self.assertEqual(get("/health"), "200 ok\n")
                self.assertIn("postseal_config_last_reload_successful 1\n", get("/metrics"))
                self.assert_signs(milter)

    def replace(self, path: pathlib.Path, text: str, mode: int) -> None:
        new = path.with_name("new")
        new.write_text(text, encoding="ascii")
        new.chmod(mode)
        status = path.stat()
        os.chown(new, status.st_uid, status.st_gid)
        new.rename(path)

    def test_what_takes_a_restart_is_named(self) -> None:
        milter = self.make("named")
        mark = self.syslog.mark()
        text = milter.config.read_text(encoding="ascii")
        milter.config.write_text(text + "Threads 3\nSpoolDirectory /x\n", encoding="ascii")
        milter.process.send(signal.SIGHUP)
        line = self.syslog.wait_for("take a restart", mark)
        self.assertIn("take a restart: Threads, SpoolDirectory", line)
        self.wait_for_reloads("good", 1)

    def test_check_says_faults(self) -> None:
        """-n ends with 78 where a key or a table is of no use, though the filter starts."""
        milter = self.make("checked")
        folder = sandbox.ROOT / "dkim"
        cases = {
            "good": ({}, 0),
            "a network": ({"InternalHosts": "192.0.2.0/33"}, 78),
            "a key": ({"KeyTable": f"csl:s1=example.com:s1:{folder}/nowhere"}, 78),
            "a facility": ({"SyslogFacility": "kern"}, 78),
        }
        for name, (directives, status) in cases.items():
            with self.subTest(name):
                config = sandbox.ROOT / "checked.conf"
                lines = milter.config.read_text(encoding="ascii").splitlines()
                lines = [line for line in lines if line.split()[0] not in directives]
                lines += [f"{key} {value}" for key, value in directives.items()]
                config.write_text("\n".join(lines) + "\n", encoding="ascii")
                done = subprocess.run([filters.POSTSEAL_MILTER, "-n", "-x", str(config)],
                                      capture_output=True, text=True, timeout=PATIENCE, check=False)
                self.assertEqual(done.returncode, status, done.stdout)

    def test_a_second_instance(self) -> None:
        """It ends with 69, and the first one keeps its socket and its pid file."""
        folder = sandbox.ROOT / "first"
        folder.mkdir()
        folder.chmod(0o777)
        pid = folder / "pid"
        first = self.make("first-filter", Socket=f"local:{folder}/s", PidFile=str(pid))
        for name, more in {
            "the same configuration": {},
            "the same socket": {"PidFile": str(folder / "pid2"), "MetricsSocket": None},
            "the same pid file": {"Socket": "inet:19300@127.0.0.1", "MetricsSocket": None},
        }.items():
            with self.subTest(name):
                config = sandbox.ROOT / "second.conf"
                lines = first.config.read_text(encoding="ascii").splitlines()
                lines = [line for line in lines if line.split()[0] not in more]
                lines += [f"{key} {value}" for key, value in more.items() if value]
                config.write_text("\n".join(lines) + "\n", encoding="ascii")
                done = subprocess.run([filters.POSTSEAL_MILTER, "-f", "-x", str(config)],
                                      capture_output=True, text=True, timeout=PATIENCE, check=False)
                self.assertEqual(done.returncode, 69, done.stderr)
                self.assertIn("another process", done.stderr)
                self.assertTrue(accepts_local(folder / "s"))
                self.assertEqual(pid.read_text(encoding="ascii"), f"{first.process.pid}\n")
                self.assertFalse((folder / "pid2").exists())
                self.assert_signed(deliver_one(f"{folder}/s", internal(OURS)))

    def test_everyone_is_no_neighbour(self) -> None:
        """InternalHosts 0.0.0.0/0: a host beside us, in a public network, is a stranger."""
        milter = self.make("everyone", InternalHosts="0.0.0.0/0")
        self.assert_signs(milter)
        neighbour = internal(OURS, address="192.0.2.77", host="neighbour.example.net")
        outcome = deliver_one(("127.0.0.1", milter.port), neighbour)
        self.assertEqual(inserted(outcome, b"DKIM-Signature"), [])

    def test_a_trust_anchor_without_dnssec(self) -> None:
        """The name server has no signatures: it is said at the start, and by -n."""
        anchor = sandbox.ROOT / "root.key"
        anchor.write_text(f". IN DS 20326 8 2 {'AB' * 32}\n", encoding="ascii")
        mark = self.syslog.mark()
        milter = self.make("anchor", TrustAnchorFile=str(anchor))
        self.syslog.wait_for("TrustAnchorFile .* every lookup is temperror", mark)
        self.wait_for_page("/health", "503 TrustAnchorFile")
        self.assertIn("postseal_trust_anchor_broken 1\n", get("/metrics"))
        done = subprocess.run([filters.POSTSEAL_MILTER, "-n", "-x", str(milter.config)],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 78, done.stdout)
        self.assertIn("every lookup is temperror", done.stdout)
        # A reload without it mends that.
        text = milter.config.read_text(encoding="ascii")
        milter.config.write_text(text.replace("TrustAnchorFile", "#"), encoding="ascii")
        milter.process.send(signal.SIGHUP)
        self.wait_for_page("/health", "200 ok\n")


if __name__ == "__main__":
    sandbox.main(NEEDS)
