"""Debian's miltertest, a milter client that is not ours, signs and verifies."""

import pathlib
import subprocess

from milter.e2e import sandbox
from milter.e2e.filter_case import NEEDS, THEIRS, FilterTest
from milter.e2e.process import PATIENCE

_SCRIPTS = pathlib.Path(__file__).parent


class MiltertestTest(FilterTest):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.filter = cls.make_filter()

    def run_script(self, name: str, **variables: str) -> None:
        known = {"socket": f"inet:{self.filter.port}@127.0.0.1"}
        defined = [f"-D{name}={value}" for name, value in (known | variables).items()]
        done = subprocess.run(
            ["miltertest", *defined, "-s", str(_SCRIPTS / f"{name}.lua")],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        self.assertIn(f"{name}: good", done.stdout, f"{done.returncode} {done.stdout}{done.stderr}")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_sign(self) -> None:
        self.run_script("sign")

    def test_verify(self) -> None:
        path = sandbox.ROOT / "signed.eml"
        path.write_bytes(self.stranger_signed(THEIRS))
        self.run_script("verify", message=str(path))


if __name__ == "__main__":
    sandbox.main((*NEEDS, "miltertest"))
