"""Tests of `verify --store` and `store prune`: facts for DMARC reports in SQLite."""

import os
import sqlite3
import subprocess
import unittest

from cli.harness import MESSAGE, NOW, POSTSEAL, CommandLineTest, Run, postseal

ZONE = (
    b"$ORIGIN example.com.\n"
    b'@ TXT "v=spf1 ip4:192.0.2.1 -all"\n'
    b'_dmarc TXT "v=DMARC1; p=reject; rua=mailto:r@example.com"\n'
)


class StoreTest(CommandLineTest):
    def setUp(self) -> None:
        super().setUp()
        self.dmarc_zone = self.write("dmarc.zone", ZONE)
        self.database = str(self.folder / "facts.db")

    def verify_stored(self, client: str, *arguments: str, store: str | None = None) -> Run:
        """Verifies MESSAGE as it comes from |client|, and keeps its fact."""
        return postseal(
            *("verify", "--zone", self.dmarc_zone, "--now", NOW, "--client-ip", client),
            *("--helo", "mail.example.com", "--mail-from", "a@example.com"),
            *("--store", store or f"sqlite:{self.database}", *arguments),
            stdin=MESSAGE,
        )

    def rows(self, columns: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.database) as database:
            return database.execute(f"SELECT {columns} FROM dmarc_rows ORDER BY 1").fetchall()

    def test_facts_are_counted(self) -> None:
        for client, status in (("192.0.2.1", 0), ("192.0.2.1", 0), ("203.0.113.9", 1)):
            run = self.verify_stored(client)
            self.assertEqual((run.status, run.err), (status, ""))
        self.assertEqual(
            self.rows("source_ip, day, policy_domain, p, disposition, aligned_spf, messages"),
            [
                ("192.0.2.1", "2026-01-01", "example.com", "reject", "pass", "pass", 2),
                ("203.0.113.9", "2026-01-01", "example.com", "reject", "reject", "fail", 1),
            ],
        )
        self.assertEqual(os.listdir(f"{self.database}.spool"), [])

    def test_many_messages(self) -> None:
        paths = [self.write(f"{i}.eml", MESSAGE) for i in range(20)]
        self.assertEqual(self.verify_stored("192.0.2.1", "--jobs", "4", *paths).status, 0)
        self.assertEqual(self.rows("messages"), [(20,)])

    def test_what_has_no_row(self) -> None:
        run = postseal(
            *("verify", "--zone", self.dmarc_zone, "--store", f"sqlite:{self.database}"),
            stdin=MESSAGE,
        )
        self.assertEqual((run.status, run.err), (1, ""))
        self.assertEqual(self.rows("messages"), [], "without the client's address")

    def test_a_store_that_cannot_be_opened(self) -> None:
        for store in ("mysql://h/d", "sqlite:", "sqlite:/dev/null/db", "postgresql://h/d"):
            run = self.verify_stored("192.0.2.1", store=store)
            self.assert_refused(run, "--store")
        self.assert_refused(postseal("verify", "--spool", "x", stdin=MESSAGE), "--spool")

    def test_a_server_that_is_away(self) -> None:
        # Port 1 of the loopback interface refuses; the password stays out of the message.
        store = "postgresql://u:hidden@127.0.0.1:1/d"
        spool = str(self.folder / "spool")
        run = self.verify_stored("192.0.2.1", "--spool", spool, store=store)
        self.assertEqual(run.status, 75)
        self.assertRegex(run.err, r"\Apostseal: --store: facts wait [^\n]+\n\Z")
        self.assertNotIn("hidden", run.err)
        self.assertIn(b"dmarc=pass", run.out)
        self.database = f"{spool}/outbox.sqlite"
        with sqlite3.connect(self.database) as database:
            waiting = "SELECT (SELECT count(*) FROM dmarc_rows) + (SELECT count(*) FROM outbox)"
            self.assertEqual(database.execute(waiting).fetchall(), [(1,)])

    def test_a_locked_database(self) -> None:
        self.assertEqual(self.verify_stored("192.0.2.1").status, 0)
        with sqlite3.connect(self.database, isolation_level=None) as database:
            database.execute("BEGIN EXCLUSIVE")
            run = self.verify_stored("192.0.2.1")
            self.assertEqual(run.status, 75)
            self.assertIn("locked", run.err)
            database.execute("COMMIT")
        self.assertEqual(self.verify_stored("192.0.2.1").status, 0)
        self.assertEqual(self.rows("messages"), [(3,)])

    def prune(self, *arguments: str, later: int = 0) -> Run:
        """Prunes the database |later| days after NOW."""
        now = str(int(NOW) + later * 86400)
        return postseal("store", "prune", "--now", now, *arguments, f"sqlite:{self.database}")

    def test_old_days_are_pruned(self) -> None:
        self.assertEqual(self.verify_stored("192.0.2.1").status, 0)
        self.assertEqual(self.prune("--days", "90", later=90), Run(0, b"0 rows deleted\n", ""))
        self.assertEqual(self.rows("messages"), [(1,)])
        self.assertEqual(self.prune("--days", "90", later=91), Run(0, b"1 row deleted\n", ""))
        self.assertEqual(self.rows("messages"), [])

    def test_rows_are_reduced_and_sums_stay(self) -> None:
        """Those with the fewest messages go first; what was done once is not done again."""
        sent = [(f"203.0.113.{1 + i}", 1 + i % 2) for i in range(6)]
        for client, messages in sent:
            for _ in range(messages):
                self.assertEqual(self.verify_stored(client).status, 1)
        keep = ("--days", "90", "--rows")
        self.assertEqual(self.prune(*keep, "6").out, b"0 rows deleted\n0 rows reduced\n")
        self.assertEqual(self.prune(*keep, "4").out, b"0 rows deleted\n3 rows reduced\n")
        self.assertEqual(
            self.rows("source_ip, detail, disposition, messages"),
            [("0.0.0.0", "policy", "reject", 3)]
            + [(client, "full", "reject", 2) for client, messages in sent if messages == 2],
        )
        self.assertEqual(self.prune(*keep, "4").out, b"0 rows deleted\n0 rows reduced\n")

    def test_a_store_that_cannot_be_pruned(self) -> None:
        self.assert_refused(self.prune("--days", "90"), "there is no such store")
        self.assertFalse(os.path.exists(self.database))
        away = "postgresql://u:hidden@127.0.0.1:1/d"
        run = postseal("store", "prune", "--days", "90", away)
        self.assert_refused(run, "store prune: PostgreSQL", status=75)
        self.assertNotIn("hidden", run.err)
        self.assertEqual(self.verify_stored("192.0.2.1").status, 0)
        with sqlite3.connect(self.database, isolation_level=None) as database:
            database.execute("BEGIN EXCLUSIVE")
            self.assert_refused(self.prune("--days", "1", later=9), "locked", status=75)
        self.assertEqual(self.rows("messages"), [(1,)])

    def test_a_full_disk(self) -> None:
        done = subprocess.run(
            ["/bin/bash", "-c", 'trap "" XFSZ; ulimit -f 0; exec "$0" "$@"', POSTSEAL, "verify",
             "--zone", self.dmarc_zone, "--store", f"sqlite:{self.database}"],
            input=MESSAGE,
            capture_output=True,
            timeout=60,
            check=False,
        )
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"--store", done.stderr)


if __name__ == "__main__":
    unittest.main()
