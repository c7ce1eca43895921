"""Facts for reports: what was acknowledged is counted, whatever happens to the process, the
disk or the database."""

import contextlib
import os
import pathlib
import shutil
import signal
import sqlite3
import time
import unittest
import urllib.request

from milter.e2e import filters, milter_wire as wire, sandbox
from milter.e2e.filter_case import NEEDS, THEIRS, FilterTest, inserted, stranger
from milter.e2e.load import Load
from milter.e2e.milter_client import Outcome, deliver_one
from milter.e2e.process import PATIENCE
from milter.e2e.syslog import Syslog


@unittest.skipUnless(filters.UNDER_TEST == "postseal", "OpenDKIM keeps no such facts")
class StoreTest(FilterTest):
    @classmethod
    def setUpClass(cls) -> None:
        cls.log = Syslog()
        super().setUpClass()
        cls.mail = stranger(cls.stranger_signed(THEIRS))

    def setUp(self) -> None:
        self.folder = sandbox.ROOT / self.id().rpartition(".")[2]
        self.database = self.folder / "facts.sqlite"
        self.spool = self.folder / "spool"
        self.spool.mkdir(parents=True)
        for folder in (self.folder, self.spool):
            shutil.chown(folder, "opendkim", "opendkim")

    def start(self, **directives: str) -> filters.Milter:
        known = {"Store": f"sqlite:{self.database}", "SpoolDirectory": str(self.spool)}
        milter = self.make_filter("with-store", **known | directives)
        self.address = ("127.0.0.1", milter.port)
        return milter

    def deliver(self) -> Outcome:
        return deliver_one(self.address, self.mail)

    def check(self, outcome: Outcome) -> None:
        self.assertEqual(len(inserted(outcome, b"Authentication-Results")), 1)

    def counted(self) -> int:
        with contextlib.closing(sqlite3.connect(self.database, timeout=PATIENCE)) as database:
            row = database.execute(
                "SELECT sum(messages) FROM dmarc_rows WHERE policy_domain = 'example.org'"
            ).fetchone()
        return row[0] or 0

    def test_every_message_is_counted(self) -> None:
        milter = self.start()
        for _ in range(25):
            self.check(self.deliver())
        self.assertEqual(milter.stop(), 0)
        self.assertEqual(self.counted(), 25)

    def test_the_files_are_private(self) -> None:
        milter = self.start()
        self.check(self.deliver())
        self.assertEqual(milter.stop(), 0)
        for path in [self.database, *self.spool.iterdir()]:
            self.assertEqual(os.stat(path).st_mode & 0o007, 0, path)

    def test_killed_under_load(self) -> None:
        """kill -9: a message that was answered is counted, and counted once."""
        acknowledged = in_flight = 0
        for _ in range(3):
            milter = self.start()
            loads = [Load(self.address, self.mail, self.check) for _ in range(4)]
            for load in loads:
                load.wait_for(20)
            milter.stop(signal.SIGKILL)
            for load in loads:
                load.finish()
                self.assertEqual(load.faults, [])
                acknowledged += load.delivered
                in_flight += 1
        self.assertEqual(self.start().stop(), 0)
        self.assertGreaterEqual(self.counted(), acknowledged)
        self.assertLessEqual(self.counted(), acknowledged + in_flight)

    def test_a_quota(self) -> None:
        """Senders that differ each time make few rows; every message is counted, and it is said."""
        mark = self.log.mark()
        milter = self.start(StoreRowsPerDomain="2", MetricsSocket="inet:19400@127.0.0.1")
        for i in range(20):
            mail = stranger(self.mail.octets, mail_from=f"<carol@x{i}.example.org>")
            self.check(deliver_one(self.address, mail))
        self.log.wait_for("store: a quota of rows is reached", since=mark)
        with urllib.request.urlopen("http://127.0.0.1:19400/metrics", timeout=PATIENCE) as answer:
            metrics = answer.read().decode()
        self.assertRegex(metrics, r'postseal_store{what="reduced_messages"} [1-9]')
        self.assertIn('postseal_store{what="dead_letters"} 0\n', metrics)
        self.assertEqual(milter.stop(), 0)
        self.assertEqual(self.counted(), 20)
        with contextlib.closing(sqlite3.connect(self.database, timeout=PATIENCE)) as database:
            details = database.execute("SELECT detail FROM dmarc_rows ORDER BY 1").fetchall()
        self.assertEqual(details, [("full",), ("full",), ("source",)])

    def test_old_rows_are_deleted(self) -> None:
        """After 90 days, if StoreRetention says nothing else; 0 keeps them."""
        milter = self.start()
        self.check(self.deliver())
        self.assertEqual(milter.stop(), 0)
        with contextlib.closing(sqlite3.connect(self.database, timeout=PATIENCE)) as database:
            database.execute("UPDATE dmarc_rows SET day = '2020-01-01'")
            database.commit()
        milter = self.start(StoreRetention="0")
        self.check(self.deliver())
        self.assertEqual(milter.stop(), 0)
        self.assertEqual(self.counted(), 2)
        self.assertEqual(self.start().stop(), 0)
        self.assertEqual(self.counted(), 1)

    def test_a_locked_database(self) -> None:
        """Somebody else holds the database: mail goes on, and is counted afterwards."""
        milter = self.start()
        self.check(self.deliver())
        end = time.monotonic() + PATIENCE
        while not self.database.exists():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)
        database = sqlite3.connect(self.database, timeout=PATIENCE, isolation_level=None)
        database.execute("BEGIN EXCLUSIVE")
        for _ in range(50):
            self.check(self.deliver())
        database.execute("COMMIT")
        database.close()
        self.assertEqual(milter.stop(), 0)
        self.assertEqual(self.counted(), 51)

    def test_a_full_disk(self) -> None:
        """OnStoreError says whether mail goes on; when there is room again, it counts."""
        sandbox.run("mount", "-t", "tmpfs", "-o", "size=64k,mode=777", "tmpfs", str(self.spool))
        filler = self.spool / "filler"
        for action in ("accept", "tempfail"):
            with self.subTest(action):
                milter = self.start(OnStoreError=action)
                with contextlib.suppress(OSError), open(filler, "wb", buffering=0) as file:
                    while True:
                        file.write(b"x" * 4096)
                # The page that was begun has room for some.
                mark = self.log.mark()
                outcomes = [self.deliver() for _ in range(300)]
                self.log.wait_for("the fact for reports is lost.*No space left", since=mark)
                refused = [one for one in outcomes if one.verdict not in (b"a", b"c")]
                if action == "accept":
                    self.assertEqual(refused, [])
                else:
                    self.assertGreater(len(refused), 0)
                    for one in refused:
                        self.assertIn(one.verdict, (wire.TEMPFAIL, wire.REPLYCODE))
                        self.assertNotEqual(one.reply.data[:1], b"5")
                filler.unlink()
                before = self.deliver()
                self.assertIn(before.verdict, (wire.CONTINUE, wire.ACCEPT))
                self.check(before)
                self.assertEqual(milter.stop(), 0)
                kept = 300 - self.lost(mark) + 1
                self.assertEqual(self.counted(), kept)
                self.database.unlink()
        sandbox.run("umount", str(self.spool))

    def lost(self, mark: int) -> int:
        return sum("the fact for reports is lost" in line for line in self.log.lines(mark))

    def test_a_torn_record(self) -> None:
        """What a loss of power leaves behind is skipped, and never misread."""
        milter = self.start()
        for _ in range(5):
            self.check(self.deliver())
        milter.stop(signal.SIGKILL)
        segments = [path for path in self.spool.iterdir() if path.is_file() and path.stat().st_size]
        for path in segments:
            self.tear(path)
        self.assertEqual(self.start().stop(), 0)
        self.assertIn(self.counted(), (4, 5))  # 5 when they were folded in time

    def tear(self, path: pathlib.Path) -> None:
        octets = path.read_bytes()
        path.write_bytes(octets[:-3])


if __name__ == "__main__":
    sandbox.main(NEEDS)
