#!/usr/bin/env python3
"""Tests of tools/quotes."""
import os
import subprocess
import tempfile
import unittest

QUOTES = os.path.abspath("tools/quotes")
GOOD = "Text.\n\n<!-- quotes a/b.c -->\n```c\nint main(void);\n```\n\nMore.\n"


class QuotesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR"))
        self.addCleanup(folder.cleanup)
        self.root = folder.name
        self.write("a/b.c", "int main(void);\n")

    def write(self, path, text):
        path = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def run_quotes(self, *arguments):
        done = subprocess.run([QUOTES, *arguments, self.root], capture_output=True, text=True,
                              check=False)
        return done.returncode, done.stdout

    def test_table(self):
        for document, want, why in (
            (GOOD, "", "the block is the file"),
            (GOOD.replace("void", "int"), "has changed", "another word"),
            (GOOD.replace("(void);\n", "(void);\n\n"), "has changed", "a line more"),
            (GOOD.replace("a/b.c", "a/c.c"), "No such file", "no such file"),
            (GOOD.replace("```c\n", "\n```c\n"), "without its block", "the block is not below it"),
            ("no quotes", "", "nothing to check"),
        ):
            for path in ("docs/d.md", "README.md"):
                self.write("docs/d.md", "")
                self.write("README.md", "")
                self.write(path, document)
                status, out = self.run_quotes()
                self.assertEqual(status, 1 if want else 0, why)
                self.assertIn(want, out, why)
                self.assertTrue(out.startswith(path) if want else out == "", out)

    def test_write_renews(self):
        self.write("docs/d.md", GOOD.replace("int main(void);\n", "old\n"))
        self.assertEqual(self.run_quotes("--write"), (0, ""))
        with open(os.path.join(self.root, "docs/d.md"), encoding="utf-8") as file:
            self.assertEqual(file.read(), GOOD)


if __name__ == "__main__":
    unittest.main()
