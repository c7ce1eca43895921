"""The tutorial: OpenDKIM's files as they stand, at their real paths, with postseal-milter
started in place of opendkim. And its slips, each with a message that says what is wrong."""

import os
import pathlib
import pwd
import re
import shutil
import subprocess
import time

from milter.e2e import filters, mail, sandbox, world
from milter.e2e.filter_case import postseal_only
from milter.e2e.process import PATIENCE, accepts

_DOMAIN = "example.tech-mmmm.com"
_KEYS = f"/etc/opendkim/keys/{_DOMAIN}"
_PID_FILE = pathlib.Path("/run/opendkim/opendkim.pid")

# What the distribution of the tutorial ships, with the tutorial's changes.
_CONFIG = """\
PidFile\t/run/opendkim/opendkim.pid
Mode    sv
Syslog  yes
SyslogSuccess   yes
LogWhy  yes
UserID  opendkim:opendkim
Socket  inet:8891@localhost
#Socket local:/run/opendkim/opendkim.sock
Umask   002
SendReports     yes
SoftwareHeader  yes
Canonicalization        relaxed/relaxed
Selector        myselector
MinimumKeyBits  1024
KeyTable        /etc/opendkim/KeyTable
SigningTable    refile:/etc/opendkim/SigningTable
ExternalIgnoreList      refile:/etc/opendkim/TrustedHosts
InternalHosts   refile:/etc/opendkim/TrustedHosts
OversignHeaders From
"""
_KEY_NAME = f"myselector._domainkey.{_DOMAIN}"
_KEY_TABLE = f"{_KEY_NAME} {_DOMAIN}:myselector:{_KEYS}/myselector.private\n"
_SIGNING_TABLE = f"*@{_DOMAIN} {_KEY_NAME}\n"
_TRUSTED_HOSTS = "127.0.0.1\n192.0.2.0/24\n"

_ZONE = f"""\
{_DOMAIN}. 3600 IN TXT "v=spf1 +ip4:{world.SENDER} -all"
_dmarc.{_DOMAIN}. 3600 IN TXT "v=DMARC1; p=none; rua=mailto:dmarc-report@{_DOMAIN}; \
ruf=mailto:dmarc-report@{_DOMAIN};"
"""


def message(subject: str) -> bytes:
    return world.message(subject).replace(b"alice@example.com", b"alice@" + _DOMAIN.encode())


class TutorialTest(world.WorldTest):
    @classmethod
    def setUpClass(cls) -> None:
        cls.world = it = world.World()
        for folder in ("/etc/opendkim", "/run/opendkim"):
            shutil.rmtree(folder, ignore_errors=True)
            os.mkdir(folder)
            shutil.chown(folder, "opendkim", "opendkim")
        # mkdir /etc/opendkim/keys/DOMAIN; opendkim-genkey -D … -d … -s … -b 2048; chown
        record = world.make_key(pathlib.Path(_KEYS), _DOMAIN, "myselector")
        it.dns.serve(it.zone + _ZONE + record)
        # The three lines of main.cf.
        it.sender.set(
            smtpd_milters="inet:127.0.0.1:8891",
            non_smtpd_milters="$smtpd_milters",
            milter_default_action="accept",
        )
        it.receiver.set(smtpd_milters=" ".join(world.verifying(it, filters.UNDER_TEST)))
        it.start()

    def setUp(self) -> None:
        self.write()

    def tearDown(self) -> None:
        if _PID_FILE.exists():
            pid = int(_PID_FILE.read_text(encoding="ascii"))
            os.kill(pid, 15)
            end = time.monotonic() + PATIENCE
            while accepts("127.0.0.1", 8891) or _PID_FILE.exists():
                if time.monotonic() > end:
                    break
                time.sleep(0.01)
            _PID_FILE.unlink(missing_ok=True)

    def write(self, **files: str) -> None:
        """Writes the tutorial's files, or others in their place."""
        more = "" if filters.UNDER_TEST == "postseal" else "Nameservers 127.0.0.1\n"
        for path, text in {
            "/etc/opendkim.conf": files.get("config", _CONFIG) + more,
            "/etc/opendkim/KeyTable": files.get("key_table", _KEY_TABLE),
            "/etc/opendkim/SigningTable": files.get("signing_table", _SIGNING_TABLE),
            "/etc/opendkim/TrustedHosts": files.get("trusted_hosts", _TRUSTED_HOSTS),
        }.items():
            pathlib.Path(path).write_text(text, encoding="ascii")

    def start(self) -> str:
        """Starts the daemon in the background, as the unit does, and returns what it says:
        standard error and log."""
        mark = self.world.log.mark()
        program = filters.POSTSEAL_MILTER or "opendkim"
        done = subprocess.run(
            [program, "-x", "/etc/opendkim.conf"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        end = time.monotonic() + PATIENCE
        while not (accepts("127.0.0.1", 8891) and _PID_FILE.exists()):
            self.assertLess(time.monotonic(), end, done.stderr)
            time.sleep(0.01)
        return done.stderr + "\n".join(self.world.log.lines(mark))

    def send(self, subject: str, **options) -> tuple[int, str]:
        known = {"mail_from": f"alice@{_DOMAIN}", "source": world.SENDER}
        return mail.send(message(subject), world.SENDER, **known | options)

    def arrived(self, subject: str) -> mail.Delivered:
        return self.world.sink.wait(f"Subject: {subject}\r\n".encode())

    # -- as printed, with the path of the key corrected

    def test_everything_passes(self) -> None:
        self.start()
        owner = os.stat(f"/proc/{_PID_FILE.read_text(encoding='ascii').strip()}").st_uid
        self.assertEqual(owner, pwd.getpwnam("opendkim").pw_uid)
        self.assertEqual(self.send("tutorial")[0], 250)
        got = self.arrived("tutorial")
        self.assert_verdict(got, spf="pass", dkim="pass", dmarc="pass")
        self.assertIn("s=myselector", got.fields("DKIM-Signature")[0])

    def test_by_sendmail(self) -> None:
        self.start()
        text = message("tutorial-sendmail").replace(b"\r\n", b"\n").decode()
        sandbox.run("sendmail", "-f", f"alice@{_DOMAIN}", "-oi", "bob@example.net", input=text)
        got = self.arrived("tutorial-sendmail")
        self.assert_verdict(got, spf="pass", dkim="pass", dmarc="pass")

    # -- its slips

    def assert_says(self, said: str, *patterns: str) -> None:
        for pattern in patterns:
            self.assertRegex(said, re.compile(pattern))

    def test_the_key_path_without_the_domain_folder(self) -> None:
        slip = f"{_KEY_NAME} {_DOMAIN}:myselector:/etc/opendkim/keys/myselector.private\n"
        self.write(key_table=slip)
        said = self.start()
        if filters.UNDER_TEST == "postseal":
            self.assert_says(
                said,
                r"/etc/opendkim/KeyTable:1\b",
                r"/etc/opendkim/keys/myselector\.private",
                r"No such file",
                rf"{_KEYS}/myselector\.private",  # where it is
            )
        code, text = self.send("slip1")
        self.assertEqual((code, text[:5]), (451, "4.7.1"))

    @postseal_only
    def test_everyone_is_internal(self) -> None:
        """0.0.0.0/0: said at start; and a stranger's mail with our From is not signed."""
        self.write(trusted_hosts="0.0.0.0/0\n")
        said = self.start()
        self.assert_says(said, r"/etc/opendkim/TrustedHosts:1\b", r"0\.0\.0\.0/0")
        self.assert_says(said, "AllowSignFromAnywhere")
        self.assertEqual(self.send("inside")[0], 250)
        self.assert_verdict(self.arrived("inside"), spf="pass", dkim="pass", dmarc="pass")
        self.send("stranger", outside=True, recipient="alice@example.com")
        got = self.arrived("stranger")
        self.assertEqual(got.fields("DKIM-Signature"), [])
        found = mail.words(got.results("sender.example.com"))
        self.assertEqual((found.get("spf"), found.get("dmarc")), ("fail", "fail"), got)

    @postseal_only
    def test_everyone_is_internal_by_wish(self) -> None:
        self.write(
            trusted_hosts="0.0.0.0/0\n", config=_CONFIG + "AllowSignFromAnywhere yes\n"
        )
        self.start()
        self.send("wish", outside=True, recipient="alice@example.com")
        self.assertEqual(len(self.arrived("wish").fields("DKIM-Signature")), 1)

    def test_a_signing_table_without_refile(self) -> None:
        """OpenDKIM signs nothing and says nothing."""
        config = _CONFIG.replace("refile:/etc/opendkim/SigningTable", "/etc/opendkim/SigningTable")
        self.write(config=config)
        said = self.start()
        if filters.UNDER_TEST == "postseal":
            self.assert_says(said, r"SigningTable", r"refile:")
        self.assertEqual(self.send("norefile")[0], 250)
        self.assertEqual(self.arrived("norefile").fields("DKIM-Signature"), [])

    def test_a_key_of_root(self) -> None:
        """The chown was forgotten."""
        key = f"{_KEYS}/myselector.private"
        os.chown(key, 0, 0)
        self.addCleanup(shutil.chown, key, "opendkim", "opendkim")
        said = self.start()
        if filters.UNDER_TEST == "postseal":
            self.assert_says(said, r"Permission denied", r"root", r"opendkim", r"KeyTable:1\b")
        code, text = self.send("slip2")
        self.assertEqual((code, text[:5]), (451, "4.7.1"))

    def test_a_key_that_everyone_reads(self) -> None:
        key = f"{_KEYS}/myselector.private"
        os.chmod(key, 0o644)
        self.addCleanup(os.chmod, key, 0o600)
        said = self.start()
        if filters.UNDER_TEST == "postseal":
            self.assert_says(said, r"KeyTable:1\b", r"not secure|read.* by others|0644")
        self.assertEqual(self.send("slip3")[0], 451)

    @postseal_only
    def test_other_domains_work(self) -> None:
        """One bad row stops its own domain only."""
        table = f"bad bad.example:s:/nowhere/s.private\n{_KEY_TABLE}"
        self.write(key_table=table, signing_table=f"*@bad.example bad\n{_SIGNING_TABLE}")
        self.assert_says(self.start(), r"KeyTable:1\b", "/nowhere/s.private")
        self.assertEqual(self.send("otherdomain")[0], 250)
        got = self.arrived("otherdomain")
        self.assert_verdict(got, spf="pass", dkim="pass", dmarc="pass")

    def test_start_failures(self) -> None:
        """What does not start, with the status of EX_CONFIG and a line that says why."""
        cases = {
            "a name that is none": (_CONFIG + "KeyTabel x\n", r"opendkim\.conf.*\b20\b"),
            "a value that is missing": (_CONFIG + "Domain\n", r"opendkim\.conf.*\b20\b"),
            "a mode that is none": (_CONFIG.replace("Mode    sv", "Mode    xy"), r"mode"),
            "no table of keys": (
                _CONFIG.replace("KeyTable        /etc/opendkim/KeyTable", ""),
                "KeyTable",
            ),
            "a table that is not there": (
                _CONFIG.replace("/etc/opendkim/KeyTable", "/etc/opendkim/keytable"),
                "/etc/opendkim/keytable",
            ),
        }
        program = filters.POSTSEAL_MILTER or "opendkim"
        for name, (config, pattern) in cases.items():
            with self.subTest(name):
                self.write(config=config)
                for options in (["-n"], ["-f"]):
                    command = [program, "-x", "/etc/opendkim.conf", *options]
                    done = subprocess.run(
                        command, capture_output=True, text=True, timeout=PATIENCE, check=False
                    )
                    self.assertEqual(done.returncode, 78, done.stderr)
                    self.assertRegex(done.stderr + done.stdout, pattern)

    def test_check_of_the_configuration(self) -> None:
        """-n: status 0, and nothing is started."""
        program = filters.POSTSEAL_MILTER or "opendkim"
        done = subprocess.run(
            [program, "-x", "/etc/opendkim.conf", "-n"],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertFalse(accepts("127.0.0.1", 8891))
        if filters.UNDER_TEST == "postseal":
            for name in re.findall(r"^([A-Z]\w+)", _CONFIG, re.MULTILINE):
                self.assertIn(name.lower(), done.stdout.lower())


if __name__ == "__main__":
    sandbox.main(world.NEEDS)
