"""tools/capi_check and what it reads with."""
import importlib.machinery
import importlib.util
import unittest

from tools import capi_header

HEADER = """
/* thing is a thing. */
typedef struct thing thing;
/* postseal_good is good. |more| may be NULL. */
POSTSEAL_EXPORT postseal_status postseal_good(const thing *one,
                                              size_t one_len, int32_t *more);
/* Something else. */
POSTSEAL_EXPORT void postseal_badly_commented(void);

POSTSEAL_EXPORT void postseal_uncommented(void);
enum { POSTSEAL_A = 0, POSTSEAL_B = -1 };
"""


def load():
    loader = importlib.machinery.SourceFileLoader("capi_check", "tools/capi_check")
    spec = importlib.util.spec_from_loader("capi_check", loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


class CapiCheckTest(unittest.TestCase):
    def test_reads_declarations(self):
        good = capi_header.functions(HEADER)[0]
        self.assertEqual(
            good.declaration(),
            "postseal_status postseal_good(const thing* one, size_t one_len, int32_t* more)")
        self.assertEqual(list(capi_header.constants(HEADER)),
                         [("POSTSEAL_A", 0), ("POSTSEAL_B", -1)])
        self.assertEqual(list(capi_header.typedefs(HEADER)), [("thing", "thing is a thing.")])

    def test_finds_comments_that_are_missing_or_about_something_else(self):
        faults = list(load().comment_faults("h", HEADER))
        self.assertEqual(len(faults), 2, faults)
        self.assertIn("postseal_uncommented has no comment", faults[0])
        self.assertIn("postseal_badly_commented", faults[1])

    def test_a_change_and_an_addition_are_faults(self):
        check = load()
        header = capi_header.read("capi/postseal.h")
        path = "capi/postseal.h"
        self.assertEqual(list(check.abi_faults(path, header, write=False)), [])
        changed = header.replace("POSTSEAL_RESULT_FAIL = 2", "POSTSEAL_RESULT_FAIL = 9")
        self.assertTrue(any("gone or changed" in fault and "POSTSEAL_RESULT_FAIL = 2" in fault
                            for fault in check.abi_faults(path, changed, write=False)))
        added = header + "\nenum { POSTSEAL_NEW = 3 };\n"
        self.assertTrue(any("not in" in fault
                            for fault in check.abi_faults(path, added, write=False)))


if __name__ == "__main__":
    unittest.main()
