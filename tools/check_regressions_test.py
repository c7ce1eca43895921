#!/usr/bin/env python3
"""Tests of check_regressions: a small page without a fault, and one for each fault."""
import importlib.machinery
import importlib.util
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)


def load():
    path = os.path.join(HERE, "check_regressions")
    loader = importlib.machinery.SourceFileLoader("check_regressions", path)
    spec = importlib.util.spec_from_loader("check_regressions", loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


CHECK = load()
CASE = "`regression_01_x.case`"
ROWS = ["| %s what | %s |" % (wanted, CASE) for wanted in CHECK.WANTED]
FILES = {
    "testdata/attacks/regression_01_x.case": "",
    "a/b_test.py": "class T:\n    def test_one(self):\n        pass\n",
    "testdata/scenarios/dkim_x.case": "",
    "dkim/a_test.cc": "TEST(ATest, One) {}\nTEST_F(BTest,\n       Two) {}\n// TEST(ATest, Three)\n",
}


def faults(rows, files=()):
    """What is said of a page of |rows| below a head, without where."""
    with tempfile.TemporaryDirectory() as root:
        page = "# Title\n\n| # `no.case` | tests |\n|---|---|\n" + "\n".join(rows) + "\n\ntext\n"
        for path, text in {**FILES, **dict(files), CHECK.PAGE: page}.items():
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(text)
        return [fault.split(": ", 1)[1] for fault in CHECK.check_tree(root)]


class CheckRegressionsTest(unittest.TestCase):
    def test_a_page_without_a_fault(self):
        more = "| other | `dkim/a_test.cc: ATest.One`, `dkim/a_test.cc: BTest.Two`, `dkim_x.case` |"
        self.assertEqual(faults(ROWS + [more]), [])

    def test_tests_in_python(self):
        self.assertEqual(faults(ROWS + ["| x | `a/b_test.py: test_one` |"]), [])
        self.assertEqual(faults(ROWS + ["| x | `a/b_test.py: test_two` |"]),
                         ["there is no test a/b_test.py: test_two"])

    def test_the_threats(self):
        page = "| a | tests |\n|---|---|\n| x | `dkim_x.case` |\n| y | `dkim_y.case` |\n| z | |\n"
        self.assertEqual(faults(ROWS, {"docs/security.md": page}),
                         ["there is no test dkim_y.case", "no test"])

    def test_tests_that_do_not_exist(self):
        for name in ("regression_02_x.case", "dkim/a_test.cc: ATest.Two", "dkim/a_test.cc",
                     "dkim/b_test.cc: ATest.One", "dkim/a_test.cc: ATest.Three", "any text"):
            self.assertEqual(faults(ROWS + ["| x | `%s` |" % name]),
                             ["there is no test " + name])

    def test_rows_without_a_test(self):
        self.assertEqual(faults(ROWS + ["| x | `dkim_x.case` | later |"]), ["no test"])

    def test_rows_that_are_missing_or_twice(self):
        self.assertEqual(faults(ROWS[1:]), ["1 has 0 rows"])
        self.assertEqual(faults(ROWS + ROWS[-1:]), ["A19 has 2 rows"])

    def test_scenarios_that_no_row_names(self):
        self.assertEqual(faults(ROWS, {"testdata/scenarios/attack_x.case": ""}),
                         ["attack_x.case is not named"])
        self.assertEqual(faults(ROWS, {"testdata/attacks/attack_y.case": ""}),
                         ["attack_y.case is not named"])


if __name__ == "__main__":
    unittest.main()
