#!/usr/bin/env python3
"""Tests of tools/fuzz, with scripts in the place of fuzz targets."""
import importlib.machinery
import importlib.util
import os
import stat
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

# A target that says what libFuzzer says. With an input that holds "bad", or without one
# when its corpus has a file "crash", it fails. -merge=1 keeps files that hold "new".
TARGET = """#!/usr/bin/env python3
import os, sys
flags = dict(a[1:].split("=", 1) for a in sys.argv[1:] if a.startswith("-"))
paths = [a for a in sys.argv[1:] if not a.startswith("-")]
if "merge" in flags:
    for name in os.listdir(paths[1]):
        text = open(os.path.join(paths[1], name)).read()
        if "new" in text:
            open(os.path.join(paths[0], name), "w").write(text)
    sys.exit(0)
if os.path.isfile(paths[0]):
    sys.exit(77 if "bad" in open(paths[0]).read() else 0)
print("#2\\tINITED cov: 3 ft: 4 corp: 1/1b exec/s: 0 rss: 30Mb")
print("#1000\\tNEW    cov: 42 ft: 50 corp: 2/2b lim: 4 exec/s: 500 rss: 30Mb")
print("max_len=" + flags["max_len"], "dict" in flags)
if any("crash" in open(os.path.join(paths[0], n)).read() for n in os.listdir(paths[0])):
    open(flags["artifact_prefix"] + "crash-1", "w").write("bad")
    sys.exit(77)
print("stat::number_of_executed_units: 1234")
"""


def load(home):
    """The tool, as it is with |home| for its corpora."""
    os.environ["POSTSEAL_FUZZ_CORPUS"] = home
    os.environ.pop("POSTSEAL_FUZZ_SEEDS", None)
    loader = importlib.machinery.SourceFileLoader("fuzz", os.path.join(HERE, "fuzz"))
    spec = importlib.util.spec_from_loader("fuzz", loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


class FuzzTest(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        self.addCleanup(self.scratch.cleanup)
        self.home = os.path.join(self.scratch.name, "home")
        self.tool = load(self.home)
        self.tool.SEEDS = os.path.join(self.scratch.name, "seeds")
        self.write("seeds/a_fuzz/BUILD.bazel", "not a seed")
        self.write("home/bin/a_fuzz", TARGET)
        os.chmod(os.path.join(self.home, "bin", "a_fuzz"), stat.S_IRWXU)

    def write(self, path, text):
        path = os.path.join(self.scratch.name, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def run_tool(self):
        options = self.tool.read_options({"a_fuzz": "//a:a_fuzz"})
        return self.tool.fuzz_all(["a_fuzz"], options, seconds=1, jobs=1)

    def names(self, folder):
        return os.listdir(os.path.join(self.home, "a_fuzz", folder))

    def test_runs_merges_and_counts(self):
        self.write("seeds/a_fuzz/one", "new")
        self.write("seeds/a_fuzz/two", "old")
        self.assertEqual(self.run_tool(), 0)
        self.assertEqual(self.run_tool(), 0)
        # The corpus is what the merge kept, named by its digest.
        self.assertEqual(self.names("corpus"), ["c2a6b03f190dfb2b4aa91f8af8d477a9bc3401dc"])
        total = self.tool.read_ledger()["a_fuzz"]
        self.assertEqual((total["executions"], total["edges"], total["corpus"]), (2468, 42, 1))
        self.assertGreater(total["cpu_seconds"], 0)

    def test_a_finding_is_kept_until_it_passes(self):
        self.write("seeds/a_fuzz/one", "crash")
        self.assertEqual(self.run_tool(), 1)
        self.assertEqual(sorted(self.names("findings")), ["crash-1", "crash-1.log"])
        self.assertEqual(self.tool.report(["a_fuzz"]), 1)
        # The cause of the crash is gone, and the finding still fails.
        self.write("seeds/a_fuzz/one", "new")
        self.assertEqual(self.run_tool(), 1)
        self.write("home/a_fuzz/findings/crash-1", "new, and good by now")
        self.assertEqual(self.run_tool(), 0)
        self.assertEqual(self.names("findings"), [])
        self.assertEqual(len(self.names("corpus")), 2)

    def test_options(self):
        self.write("seeds/a_fuzz/one", "new")
        self.write("seeds/options.ini", "[a_fuzz]\nmax_len = 77\ndictionaries = x.dict\n")
        self.write("seeds/dictionaries/x.dict", '"word"\n')
        self.assertEqual(self.run_tool(), 0)
        with open(os.path.join(self.home, "a_fuzz", "log"), encoding="utf-8") as file:
            self.assertIn("max_len=77 True", file.read())

    def test_a_target_that_does_not_run_is_no_finding(self):
        self.write("home/bin/a_fuzz", "#!/bin/sh\nexit 1\n")
        self.assertEqual(self.run_tool(), 2)

    def test_options_of_no_target(self):
        self.write("seeds/options.ini", "[b_fuzz]\nmax_len = 77\n")
        with self.assertRaisesRegex(self.tool.Failure, "b_fuzz"):
            self.run_tool()


if __name__ == "__main__":
    unittest.main()
