#!/usr/bin/env python3
"""Tests of check_deps: for each rule a small tree that breaks it, and one that does not."""
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
    loader = importlib.machinery.SourceFileLoader("check_deps", os.path.join(HERE, "check_deps"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("check_deps", loader))
    loader.exec_module(module)
    return module


CHECK_DEPS = load()
with open(os.path.join(HERE, "deps.txt"), encoding="utf-8") as rules_file:
    RULES = rules_file.read()

COROUTINE = "Task<int> F(Context* c) {\n%s\n}\n"

# (file, text, line of the fault, part of the message)
BAD = [
    # Edges that the picture does not have.
    ("base/a.h", '#include "mail/b.h"\n', 1, "base/ may not include mail/"),
    ("mail/a.h", '\n#include "dns/b.h"\n', 2, "mail/ may not include dns/"),
    ("dns/a.h", '#include "mail/b.h"\n', 1, "dns/ may not include mail/"),
    ("spf/a.h", '#include "mail/b.h"\n', 1, "spf/ may not include mail/"),
    ("spf/a.h", '#include "dkim/b.h"\n', 1, "spf/ may not include dkim/"),
    ("dkim/a.h", '#include "auth/b.h"\n', 1, "dkim/ may not include auth/"),
    ("dkim/a.h", '#include "arc/b.h"\n', 1, "dkim/ may not include arc/"),
    ("dmarc/a.h", '#include "spf/b.h"\n', 1, "dmarc/ may not include spf/"),
    ("authres/a.h", '#include "spf/b.h"\n', 1, "authres/ may not include spf/"),
    ("arc/a.h", '#include "dmarc/b.h"\n', 1, "arc/ may not include dmarc/"),
    ("auth/a.h", '#include "cli/b.h"\n', 1, "auth/ may not include cli/"),
    ("capi/a.cc", '#include "store/b.h"\n', 1, "capi/ may not include store/"),
    ("check/a.cc", '#include "spf/b.h"\n', 1, "check/ may not include spf/"),
    ("report/a.cc", '#include "auth/b.h"\n', 1, "report/ may not include auth/"),
    ("auth/a.h", '#include "testing/b.h"\n', 1, "auth/ may not include testing/"),
    ("dns/a_test.cc", '#include "auth/b.h"\n', 1, "dns/ may not include auth/"),
    ("dns/a.h", '#  include "auth/b.h"\n', 1, "dns/ may not include auth/"),
    ("dns/a.h", "#include <auth/b.h>\n", 1, "dns/ may not include auth/"),
    ("dns/a.h", '#include "b.h"\n', 1, "not written from the root"),
    ("misc/a.h", "", 1, "not in tools/deps.txt"),
    ("a.h", "", 1, "not in tools/deps.txt"),
    ("dns/a.h", '#include "dns/nsd_server.h"\n', 1, "dns/nsd_server.h is for tests alone"),
    # Library headers.
    ("dkim/a.h", "#include <openssl/sha.h>\n", 1, "<openssl/sha.h> may be included only"),
    ("auth/a.cc", '#include "openssl/sha.h"\n', 1, "<openssl/sha.h> may be included only"),
    ("dns/a.cc", "#include <unbound.h>\n", 1, "<unbound.h> may be included only"),
    ("dns/a.cc", "#include <idn2.h>\n", 1, "<idn2.h> may be included only"),
    ("dmarc/a.cc", "#include <libpsl.h>\n", 1, "<libpsl.h> may be included only"),
    ("auth/a.cc", '#include "CLI/CLI.hpp"\n', 1, "<CLI/CLI.hpp> may be included only"),
    ("auth/a.cc", '#include "nlohmann/json.hpp"\n', 1, "may be included only"),
    ("cli/a.cc", "#include <cctype>\n", 1, "<cctype> may be included nowhere"),
    ("cli/a.cc", "#include <ctype.h>\n", 1, "<ctype.h> may be included nowhere"),
    ("cli/a.cc", "#include <locale>\n", 1, "<locale> may be included nowhere"),
    ("cli/a_test.cc", "#include <regex>\n", 1, "<regex> may be included nowhere"),
    ("dns/a.h", "#include <chrono>\n", 1, "<chrono> may be included only"),
    ("spf/a.h", "#include <thread>\n", 1, "<thread> may be included only"),
    ("mail/a.h", "#include <iostream>\n", 1, "<iostream> may be included nowhere"),
    ("dkim/a.cc", "#include <sys/socket.h>\n", 1, "<sys/socket.h> may be included only"),
    # Clocks, randomness, streams.
    ("spf/a.h", "auto t = std::chrono::steady_clock::now();\n", 1, "reads a clock"),
    ("auth/a.h", "auto t = Clock::time_point(system_clock :: now());\n", 1, "reads a clock"),
    ("auth/a.h", "auto t = std::chrono::tai_clock::now();\n", 1, "reads a clock"),
    ("auth/a.h", "\n\nauto t = std::time(nullptr);\n", 3, "reads a clock"),
    ("auth/a.h", "gettimeofday(&t, nullptr);\n", 1, "reads a clock"),
    ("dmarc/a.h", "if (rand() % 100 < pct) {}\n", 1, "is random"),
    ("dmarc/a.h", "std::random_device d;\n", 1, "is random"),
    ("base/a.h", "std::cout << 1;\n", 1, "writes to a stream"),
    ("base/a.h", 'std::fprintf(stderr, "x");\n', 1, "writes to a stream"),
    ("base/a.h", 'printf("x");\n', 1, "writes to a stream"),
    # Aggregates beside co_await.
    ("spf/a.h", COROUTINE % "  co_await Ask(Query{name, type});", 2, "aggregate"),
    ("spf/a.h", COROUTINE % "  co_await Ask({name, type});", 2, "aggregate"),
    ("spf/a.h", COROUTINE % "  co_await Ask(std::vector<int>{1});", 2, "aggregate"),
    ("spf/a.h", COROUTINE % "  co_await Ask(\n      Query{\n          name});", 2, "aggregate"),
    ("spf/a.h", COROUTINE % "  co_return Match{co_await Ask(q)};", 2, "aggregate"),
    ("spf/a.h", COROUTINE % "  Use(Query{name}, co_await Ask(q));", 2, "aggregate"),
    ("spf/a.h", COROUTINE % "  Use(co_await Ask(q), Query{name});", 2, "aggregate"),
    ("spf/a.h", COROUTINE % "  x = Query{name}.size() + co_await Ask(q);", 2, "aggregate"),
    ("spf/a.h", COROUTINE % "  if (co_await Ask(Query{n})) {\n  }", 2, "aggregate"),
    ("spf/a_test.cc", COROUTINE % "  co_await Task{};", 2, "aggregate"),
]

GOOD = [
    ("base/a.h", '#include <string>\n\n#include "base/b.h"\n'),
    ("dkim/a.cc", "#include <openssl/sha.h>\n"),
    ("dns/unbound_resolver.cc", "#include <unbound.h>\n#include <thread>\nauto t = "
     "std::chrono::steady_clock::now();\n"),
    ("dns/idna.cc", "#include <idn2.h>\n"),
    ("dns/resolver.h", "#include <chrono>\n"),
    ("dns/a_test.cc", "#include <chrono>\nauto t = std::chrono::steady_clock::now();\n"),
    ("dns/a_fuzz.cc", "#include <cstdio>\nvoid F() { std::printf(\"x\"); }\n"),
    ("auth/a_test.cc", '#include "testing/b.h"\n'),
    ("dns/a_test.cc", '#include "dns/nsd_server.h"\n'),
    ("dns/nsd_server.h", "#include <fstream>\n#include <sys/socket.h>\n"),
    ("cli/main.cc", '#include "auth/b.h"\n#include "report/c.h"\n#include <iostream>\n'),
    ("arc/a.h", '#include "dkim/b.h"\n#include "authres/b.h"\n'),
    ("testdata/a.c", '#include "x.h"\n'),
    # What only looks like a fault.
    ("base/a.h", '// #include "mail/b.h"\n/*\n#include <cctype>\n*/\n'),
    ("base/a.h", "// std::cout, time(nullptr) and rand() are not for us\n"),
    ("base/a.h", 'const char* k = "printf(rand())";\nint n = 1\'000\'000;  // it\'s rand()\n'),
    ("base/a.h", "Timestamp time() const;\nsnprintf(b, 1, \"\");\nout.puts(1);\n"),
    ("base/a.h", "Awaiter operator co_await() { return Awaiter(this); }\n"),
    ("spf/a.h", COROUTINE % "  const Query q{name, type};\n  co_await Ask(q);"),
    ("spf/a.h", COROUTINE % "  if (co_await Ask(q)) {\n    x = Query{};\n  }"),
    ("spf/a.h", COROUTINE % "  for (auto& a : co_await Ask(q)) {\n  }"),
    ("spf/a.h", COROUTINE % "  if (ok) {\n  } else {\n    co_await Ask(q);\n  }\n  co_return T{};"),
    ("spf/a.h", COROUTINE % "  const A& a = co_await Ask(Query(name));  // not Query{name}"),
    ("spf/a.h", "Task<int> F(Context* c) { co_return co_await Ask(q); }\n"),
    ("spf/a.h", COROUTINE % "  switch (x) {\n    case 1: {\n      co_await Ask(q);\n    }\n  }"),
]


def faults_of(files):
    # Below the temporary folder of the test, where git knows no tree.
    with tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR")) as root:
        for path, text in files.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as file:
                file.write(text)
        return CHECK_DEPS.check_tree(root)


class CheckDepsTest(unittest.TestCase):
    def test_each_bad_tree_has_its_fault(self):
        for path, text, line, message in BAD:
            with self.subTest(path=path, text=text):
                faults = faults_of({"tools/deps.txt": RULES, path: text})
                self.assertEqual(len(faults), 1, faults)
                self.assertTrue(faults[0].startswith("%s:%d: " % (path, line)), faults)
                self.assertIn(message, faults[0])

    def test_good_trees_have_none(self):
        for path, text in GOOD:
            with self.subTest(path=path, text=text):
                self.assertEqual(faults_of({"tools/deps.txt": RULES, path: text}), [])

    def test_the_document_quotes_the_rules(self):
        document = "# Picture\n" + CHECK_DEPS.quoted_rules(RULES) + "more\n"
        files = {"tools/deps.txt": RULES, "docs/ARCHITECTURE.md": document}
        self.assertEqual(faults_of(files), [])
        files["tools/deps.txt"] = RULES + "leaf other -> base\n"
        self.assertIn("docs/ARCHITECTURE.md:2: differs", faults_of(files)[0])
        files["docs/ARCHITECTURE.md"] = "# Picture\n"
        self.assertIn("is missing", faults_of(files)[0])

    def test_rules_that_are_not_understood_end_it(self):
        for line in ("core spf base", "core spf -> nofolder", "header x.h maybe y"):
            with self.subTest(line=line), self.assertRaises(SystemExit):
                CHECK_DEPS.Rules(line + "\n", "deps.txt")


if __name__ == "__main__":
    unittest.main()
