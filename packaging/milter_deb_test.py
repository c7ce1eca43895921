#!/usr/bin/env python3
"""Tests of the package postseal-milter: unpacked into an empty root the milter serves with the
configuration that came with it, its unit is one that systemd takes and that leaves it few
rights, and its manual pages have every option and directive."""

import gzip
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

sys.dont_write_bytecode = True
sys.path.insert(0, "packaging")
import deb

UNIT = "usr/lib/systemd/system/postseal-milter.service"


def output(*command: str, status: int = 0) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == status, (command, done.returncode, done.stdout + done.stderr)
    return done.stdout + done.stderr


def free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return tried.getsockname()[1]


class MilterDebTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        folder = tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR"))
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        packages = deb.build(cls.folder / "out")
        cls.package = next(p for p in packages if p.name.startswith("postseal-milter_"))
        cls.root = cls.folder / "root"
        output("dpkg-deb", "-x", str(cls.package), str(cls.root))
        output("dpkg-deb", "-e", str(cls.package), str(cls.folder / "control"))
        cls.program = str(cls.root / "usr/sbin/postseal-milter")
        cls.config = cls.root / "etc/postseal-milter.conf"

    def page(self, name: str) -> str:
        """Returns a manual page's source, with escapes taken back."""
        path = self.root / f"usr/share/man/man{name[-1]}/{name}.gz"
        return gzip.decompress(path.read_bytes()).decode().replace("\\-", "-")

    def start(self, config: pathlib.Path) -> tuple[subprocess.Popen, socket.socket]:
        """Starts the milter as systemd does; the socket is the one it tells systemd by."""
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(manager.close)
        manager.settimeout(60)
        # A socket's path is short: TEST_TMPDIR is not.
        manager.bind(f"\0postseal-{os.getpid()}-{config.name}")
        milter = subprocess.Popen([self.program, "-f", "-c", str(config)], env={
            "NOTIFY_SOCKET": "@" + manager.getsockname()[1:].decode()})
        self.addCleanup(milter.kill)
        return milter, manager

    def test_the_configuration_is_good_as_it_stands(self) -> None:
        text = output(self.program, "-n", "-c", str(self.config))
        self.assertIn("The configuration can be used.", text)
        self.assertNotRegex(text, "warning|error")

    def test_it_is_good_with_everything_in_it_turned_on(self) -> None:
        """Each "#Name value" of the file stands for a line that is right."""
        lines = []
        for line in self.config.read_text(encoding="utf-8").splitlines():
            if re.match(r"#[A-Z][\w-]+ {2,}\S", line) and "Table" not in line:
                line = line[1:]
            lines.append(line)
        config = self.folder / "everything.conf"
        config.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.assertIn("RejectFailures yes", output(self.program, "-n", "-c", str(config)))

    def test_it_serves(self) -> None:
        port, metrics = free_port(), free_port()
        text = self.config.read_text(encoding="utf-8")
        text = text.replace("inet:8891@", f"inet:{port}@").replace("#MetricsSocket", "MetricsSocket")
        text = text.replace("inet:8892@", f"inet:{metrics}@").replace("UserID ", "#UserID ")
        text = text.replace("#Store ", "Store ").replace("/var/lib/postseal", str(self.folder))
        text = re.sub(r"^Syslog", "#Syslog", text, flags=re.MULTILINE)
        config = self.folder / "serve.conf"
        config.write_text(text, encoding="utf-8")
        milter, manager = self.start(config)
        self.assertEqual(manager.recv(100), b"READY=1")
        with socket.create_connection(("127.0.0.1", port), timeout=60):
            pass
        with urllib.request.urlopen(f"http://127.0.0.1:{metrics}/health", timeout=60) as reply:
            self.assertEqual(reply.read(), b"ok\n")
        with urllib.request.urlopen(f"http://127.0.0.1:{metrics}/metrics", timeout=60) as reply:
            self.assertIn(b"postseal_connections_total 1\n", reply.read())
        milter.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 60
        reloads = b'postseal_reloads_total{outcome="good"} 1\n'
        found = b""
        while reloads not in found:
            self.assertLess(time.monotonic(), deadline, found)
            with urllib.request.urlopen(f"http://127.0.0.1:{metrics}/metrics", timeout=60) as reply:
                found = reply.read()
        milter.send_signal(signal.SIGTERM)
        self.assertEqual(manager.recv(100), b"STOPPING=1")
        self.assertEqual(milter.wait(60), 0)

    def test_conffiles(self) -> None:
        listed = (self.folder / "control/conffiles").read_text(encoding="ascii").split()
        there = ["/" + str(p.relative_to(self.root)) for p in (self.root / "etc").rglob("*")
                 if p.is_file()]
        self.assertEqual(listed, there)

    def test_maintainer_scripts(self) -> None:
        for name in ("postinst", "prerm", "postrm"):
            script = self.folder / "control" / name
            self.assertTrue(os.access(script, os.X_OK), name)
            output("dash", "-n", str(script))

    def test_the_unit_restarts_for_ever(self) -> None:
        """After whatever ended it, with a pause, and without a limit of starts."""
        text = (self.root / UNIT).read_text(encoding="utf-8")
        unit, service = text.split("[Service]")
        self.assertIn("\nStartLimitIntervalSec=0\n", unit)
        self.assertIn("\nRestart=always\n", service)
        self.assertRegex(service, r"\nRestartSec=[1-9]\d*\n")
        self.assertIn("\nRestartPreventExitStatus=64\n", service)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd is not installed")
    def test_unit(self) -> None:
        unit = self.folder / "postseal-milter.service"
        text = (self.root / UNIT).read_text(encoding="utf-8")
        self.assertIn("\nExecStart=/usr/sbin/postseal-milter -f -c /etc/postseal-milter.conf\n",
                      text)
        unit.write_text(text.replace("/usr/sbin/postseal-milter", self.program), encoding="utf-8")
        said = output("systemd-analyze", "--man=no", "verify", str(unit))
        self.assertNotIn("postseal-milter", said)
        drop_in = self.folder / "postseal-milter.service.d"
        drop_in.mkdir()
        example = self.root / "usr/share/doc/postseal-milter/examples/opendkim.conf"
        changed = example.read_text(encoding="utf-8").replace("/usr/sbin/postseal-milter",
                                                              self.program)
        (drop_in / "opendkim.conf").write_text(changed, encoding="utf-8")
        said = output("systemd-analyze", "--man=no", "verify", str(unit))
        self.assertNotIn("postseal-milter", said)
        # A typo is seen: this is no test that cannot fail.
        (drop_in / "typo.conf").write_text("[Service]\nProtectSystm=strict\n", encoding="utf-8")
        self.assertIn("ProtectSystm", output("systemd-analyze", "--man=no", "verify", str(unit)))

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd is not installed")
    def test_unit_leaves_few_rights(self) -> None:
        said = output("systemd-analyze", "security", "--offline=true", "--no-pager",
                      "--threshold=20", str(self.root / UNIT))
        self.assertRegex(said, r"exposure level for postseal-milter.service: [01]\.\d")

    @unittest.skipUnless(shutil.which("systemd-sysusers"), "systemd is not installed")
    def test_user_and_folders(self) -> None:
        if os.geteuid() != 0:
            self.skipTest("only root makes users")
        root = self.folder / "machine"
        shutil.copytree(self.root, root)
        output("systemd-sysusers", f"--root={root}", "postseal-milter.conf")
        passwd = (root / "etc/passwd").read_text(encoding="ascii")
        self.assertRegex(passwd, r"(?m)^postseal:x:\d+:\d+:.*:/var/lib/postseal:/usr/sbin/nologin$")
        # In Bazel's sandbox there is no other user to give a folder to.
        folders = root / "usr/lib/tmpfiles.d/postseal-milter.conf"
        text = folders.read_text(encoding="ascii")
        self.assertEqual(len(re.findall(r"(?m)^d \S+ 0750 postseal postseal$", text)), 2)
        folders.write_text(text.replace("postseal postseal", "root root"), encoding="ascii")
        output("systemd-tmpfiles", f"--root={root}", "--create", "postseal-milter.conf")
        for folder in ("run/postseal", "var/lib/postseal"):
            self.assertEqual((root / folder).stat().st_mode & 0o7777, 0o750, folder)

    def test_manual_page_of_the_program(self) -> None:
        page = self.page("postseal-milter.8")
        names = re.findall(r"^  (-[^ ]+)", output(self.program, "--help"), re.MULTILINE)
        self.assertGreater(len(names), 9)
        for name in ",".join(names).split(","):
            self.assertIn(f"\\fB{name}\\fR", page)

    def test_manual_page_of_the_configuration(self) -> None:
        page = self.page("postseal-milter.conf.5")
        lines = [line.split("\t") for line in output(self.program, "--directives").splitlines()]
        self.assertGreater(len(lines), 150)
        for name, _, support, default, opendkim, _ in lines:
            block = re.search(rf"^\.TP\n\\fB{re.escape(name)}\\fR(.*?)(?=^\.(TP|SH)|\Z)", page,
                              re.MULTILINE | re.DOTALL)
            self.assertIsNotNone(block, name)
            if support == "done":
                for value in {default.strip("()"), opendkim.strip("()")}:
                    self.assertIn(value, block[1], name)

    @unittest.skipUnless(shutil.which("groff"), "groff is not installed")
    def test_manual_pages_are_well_formed(self) -> None:
        for name in ("postseal-milter.8", "postseal-milter.conf.5"):
            source = self.folder / name
            source.write_text(self.page(name), encoding="utf-8")
            self.assertEqual(output("groff", "-man", "-Tutf8", "-ww", "-z", str(source)), "")
            self.assertNotRegex(self.page(name), "@[A-Z]+@")

    def test_completion(self) -> None:
        file = self.root / "usr/share/bash-completion/completions/postseal-milter"
        script = (f"source {file}; COMP_WORDS=(postseal-milter -); COMP_CWORD=1; _postseal_milter; "
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        offered = set(output("bash", "-c", script).split())
        self.assertLessEqual({"-n", "-x", "-c", "--directives", "--help"}, offered)

    @unittest.skipUnless(shutil.which("lintian"), "lintian is not installed")
    def test_lintian_finds_no_error(self) -> None:
        said = output("lintian", "--fail-on", "error", "--allow-root", str(self.package))
        self.assertNotRegex(said, r"(?m)^E:")


if __name__ == "__main__":
    unittest.main()
