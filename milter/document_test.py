"""docs/milter.md does what it says: its configurations can be used and do what stands beside
them, and its names and limits are those of the code."""

import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

sys.dont_write_bytecode = True
from milter.e2e import milter_wire as wire
from milter.e2e.milter_client import Mail, deliver_one

PAGE = pathlib.Path("docs/milter.md").read_text(encoding="utf-8")
MILTER = os.path.abspath(os.environ["POSTSEAL_MILTER"])
POSTSEAL = os.path.abspath(os.environ["POSTSEAL"])
BLOCK = re.compile(r"^<!-- (\w+) ?(\S*) -->\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ZONE = """\
example.org. TXT "v=spf1 ip4:203.0.113.9 -all"
_dmarc.example.org. TXT "v=DMARC1; p=reject"
"""


def block(kind: str, which: str = "") -> str:
    """Returns the one block below "<!-- KIND WHICH -->"."""
    (found,) = [text for name, mark, text in BLOCK.findall(PAGE) if (name, mark) == (kind, which)]
    return found


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def first_cells(text: str) -> list[str]:
    """Returns the first cells of the tables in |text|, without their heads."""
    cells = re.findall(r"^\| ([^|]+) \|", text, re.MULTILINE)
    return [cell for cell in cells if set(cell) != {"-"}]


def source(path: str) -> str:
    return pathlib.Path(path).read_text(encoding="utf-8")


def free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return tried.getsockname()[1]


class DocumentTest(unittest.TestCase):
    """DocumentTest has a folder with the keys that the page's configurations name."""

    @classmethod
    def setUpClass(cls) -> None:
        folder = tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR"))
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        # A key file in a folder that others can write to is not used.
        cls.folder.chmod(0o755)
        keys = cls.folder / "keys/example.com"
        keys.mkdir(parents=True)
        subprocess.run([POSTSEAL, "keygen", "-d", "example.com", "-s", "mail2026", "-b", "2048",
                        "-D", str(keys)], check=True, capture_output=True)
        (cls.folder / "zone").write_text(ZONE, encoding="ascii")

    def write(self, name: str, text: str, *more: str) -> pathlib.Path:
        """Writes a configuration of the page for this folder, and for who runs the test."""
        text = text.replace("/etc/postseal", str(self.folder))
        text = re.sub(r"^UserID.*\n", "", text, flags=re.MULTILINE)
        path = self.folder / name
        path.write_text(text + "".join(f"{line}\n" for line in more), encoding="ascii")
        return path

    def serve(self, text: str, option: str) -> tuple[int, int, pathlib.Path, subprocess.Popen]:
        """Starts the milter; returns its ports, its log and itself."""
        port, metrics = free_port(), free_port()
        text = re.sub(r"inet:8891@\w[\w.]*", f"inet:{port}@127.0.0.1", text)
        text = re.sub(r"^Syslog .*\n", "", text, flags=re.MULTILINE)
        config = self.write("serve.conf", text, f"ZoneFile {self.folder}/zone", "Threads 1",
                            f"MetricsSocket inet:{metrics}@127.0.0.1")
        log = self.folder / "log"
        with open(log, "wb") as out:
            milter = subprocess.Popen([MILTER, "-f", option, str(config)], stderr=out)
        self.addCleanup(milter.wait, 60)
        self.addCleanup(milter.terminate)
        end = time.monotonic() + 60
        while b" starting" not in log.read_bytes():
            self.assertIsNone(milter.poll(), log.read_text(encoding="utf-8"))
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)
        return port, metrics, log, milter

    def test_configurations_can_be_used(self) -> None:
        for dialect, option in (("postseal", "-c"), ("opendkim", "-x")):
            config = self.write("conf", block("config", dialect))
            command = [MILTER, "-n", option, str(config)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout)
            # Root runs this test, maybe: there is no UserID then.
            said = re.sub(r"warning: the milter would run as root.*", "", done.stdout)
            self.assertNotRegex(said, r"warning:|error:")
            self.assertIn("s=mail2026 d=example.com: rsa, 2048 bits", done.stdout)
            if option == "-x":
                text = block("check").replace("/etc/opendkim.conf", str(config))
                text = text.replace("postseal-milter", MILTER)
                subprocess.run(["/bin/sh", "-e", "-c", text], check=True, capture_output=True)

    def test_both_dialects_sign_and_verify(self) -> None:
        canon = {"postseal": b"c=relaxed/relaxed", "opendkim": b"c=relaxed/simple"}
        for dialect, option in (("postseal", "-c"), ("opendkim", "-x")):
            port, _, _, milter = self.serve(block("config", dialect), option)
            octets = b"From: a@example.com\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\n\r\nHi\r\n"
            ours = deliver_one(("127.0.0.1", port), Mail(octets))
            self.assertIn(b"d=example.com", ours.octets)
            self.assertIn(canon[dialect], ours.octets)
            # Not signed, whatever From says.
            theirs = deliver_one(("127.0.0.1", port), Mail(octets, address="203.0.113.9"))
            self.assertNotIn(b"DKIM-Signature", theirs.octets)
            self.assertIn(b"Authentication-Results:", theirs.octets)
            self.assertEqual(theirs.verdict, wire.ACCEPT)
            milter.send_signal(signal.SIGTERM)
            self.assertEqual(milter.wait(60), 0)

    def test_the_line_of_the_log_and_health(self) -> None:
        port, metrics, log, _ = self.serve(block("config", "postseal"), "-c")
        octets = b"From: bob@example.org\r\n\r\nHi\r\n"
        deliver_one(("127.0.0.1", port), Mail(
            octets, "<bob@example.org>", helo="mx.example.org", host="mx.example.org",
            address="203.0.113.9"))
        shape = re.compile(r"Q\d+|(?<=ms=)\d+")
        end = time.monotonic() + 60
        while "verified client" not in log.read_text(encoding="utf-8"):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)
        lines = [shape.sub("N", line) for line in log.read_text(encoding="utf-8").splitlines()]
        self.assertIn(shape.sub("N", block("log").strip()), lines)
        text = block("health").replace(":8892", f":{metrics}")
        done = subprocess.run(["/bin/sh", "-e", "-c", text], check=True, capture_output=True)
        self.assertEqual(done.stdout, b"ok\n")
        with urllib.request.urlopen(f"http://127.0.0.1:{metrics}/metrics", timeout=60) as reply:
            found = set(re.findall(r"^# TYPE (\w+)", reply.read().decode(), re.MULTILINE))
        self.assertLessEqual({"postseal_messages_total", "postseal_results_total"}, found)
        documented = set(re.findall(r"\bpostseal_\w+", section("Numbers and health")))
        self.assertLessEqual(found, documented)

    def test_metrics(self) -> None:
        documented = re.findall(r"`(\w+)`", "".join(
            cell for cell in first_cells(section("Numbers and health"))))
        self.assertEqual(set(documented), set(re.findall(r'"(postseal_\w+)"',
                                                         source("milter/metrics.cc"))))

    def test_keys_of_the_log(self) -> None:
        documented = re.findall(r"`([\w.-]+)`", "".join(first_cells(section("The log"))))
        written = re.findall(r'[" ]([a-z][\w.-]*)=', source("milter/log_line.h").partition(
            "namespace internal {")[2].partition("// LinesOf")[0])
        self.assertGreater(len(written), 20)
        self.assertEqual(set(documented), set(written) - {"key"})

    def test_limits(self) -> None:
        headers = [*pathlib.Path("milter").glob("*.h"), pathlib.Path("auth/sign_session.h"),
                   pathlib.Path("dkim/policy.h"), pathlib.Path("mail/message_reader.h")]
        text = "\n".join(source(str(header)) for header in headers)
        rows = re.findall(r"\(`(k\w+)`\) \| (\d+) \|", section("Limits"))
        self.assertGreater(len(rows), 7)
        for name, value in rows:
            # Of one noun, a name; kMaxSignatures and its like are in one of the headers.
            found = re.findall(rf"constexpr \w+ {name} = ([^;]+);", text)
            values = {eval(re.sub(r"size_t\{(\w+)\}", r"\1", one.replace("'", "")))  # pylint: disable=eval-used
                      for one in found}
            self.assertEqual(values, {int(value)}, name)

    def test_statuses(self) -> None:
        documented = re.findall(r"^\| (\d+) \|", section("Signals and exit status"), re.MULTILINE)
        in_code = re.findall(r"constexpr int kExit\w+ = (\d+);", source("milter/main.cc"))
        self.assertEqual(documented, in_code)

    def test_replies_and_directives(self) -> None:
        known = {line.split("\t")[0]: line.split("\t")[2] for line in subprocess.run(
            [MILTER, "--directives"], capture_output=True, text=True, check=True
        ).stdout.splitlines()}
        cells = "".join(first_cells(section("What is refused")))
        names = re.findall(r"`((?:On-|SPF|[A-Z])[\w-]+)", cells)
        self.assertGreater(len(names), 10)
        self.assertEqual({name: known.get(name) for name in names}, dict.fromkeys(names, "done"))
        codes = set(re.findall(r"`?\d{3} [45]\.([\d.]+)`", section("What is refused")))
        code = source("milter/decision.h") + source("milter/message.cc")
        self.assertEqual(codes, set(re.findall(r'"(\d\.\d+)"', code)))
        # Those in the other sections exist, too.
        for name in re.findall(r"`(\w+|On-\w+) (?:yes|no|accept|tempfail|fail)`", PAGE):
            self.assertEqual(known.get(name), "done", name)


if __name__ == "__main__":
    unittest.main()
