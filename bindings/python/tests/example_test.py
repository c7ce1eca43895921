"""examples/python, run as a user would."""
import os
import subprocess
import sys
import tempfile
import unittest

from postseal import testing


class ExampleTest(unittest.TestCase):
    def test_verify_asyncio(self):
        domain = testing.Domain("example.com")
        message = domain.sign(testing.message_from("a@example.com"))
        with tempfile.TemporaryDirectory() as folder:
            def write(name, data):
                path = os.path.join(folder, name)
                with open(path, "wb") as file:
                    file.write(data)
                return path

            zone = write("zone", domain.zone_text().encode("ascii"))
            good = write("good.eml", message)
            forged = write("forged.eml", message.replace(b"Hello.", b"Hullo."))
            printed = subprocess.run(
                [sys.executable, "examples/python/verify_asyncio.py", domain.client_ip,
                 "a@example.com", "--zone", zone, good, forged],
                check=True, capture_output=True, text=True).stdout
        self.assertIn(good + ": pass\n", printed)
        self.assertIn(forged + ": pass\n", printed)  # by SPF, which is aligned
        self.assertEqual(printed.count("dkim=pass"), 1, printed)
        self.assertEqual(printed.count("dkim=fail"), 1, printed)


if __name__ == "__main__":
    unittest.main()
