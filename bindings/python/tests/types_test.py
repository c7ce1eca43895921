"""mypy --strict has nothing to say about the package. POSTSEAL_PYTHON_TOOLS names a virtual
environment with mypy, pytest and dnspython; without it this says that nothing was tried."""
import os
import subprocess
import unittest

TOOLS = os.environ.get("POSTSEAL_PYTHON_TOOLS")


class TypesTest(unittest.TestCase):
    @unittest.skipUnless(TOOLS, "POSTSEAL_PYTHON_TOOLS is not set")
    def test_strict(self):
        done = subprocess.run(
            [os.path.join(TOOLS or "", "bin/mypy"), "--strict", "--cache-dir=/dev/null",
             "bindings/python/postseal"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
