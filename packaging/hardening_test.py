#!/usr/bin/env python3
"""What the linker made of the hardening flags (.bazelrc), read with readelf.

For each file that is shipped: position independent, all relocations done before main and
read-only after it, no stack or segment that is both writable and executable, no folder that
libraries are looked for in, stack protector and fortified functions in use, and the marks
at which an indirect call may land (CET, where the machine is x86-64).
"""

import re
import subprocess
import unittest

PROGRAMS = ("cli/postseal", "milter/postseal-milter")
LIBRARIES = ("capi/libpostseal.so.0", "capi/libpostseal-unbound.so.0")
# endbr64
LANDING = bytes.fromhex("f30f1efa")


def readelf(*arguments: str) -> str:
    command = ["readelf", "--wide", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def segments(path: str) -> list[tuple[str, int, int, int, str]]:
    """(type, offset in the file, address, octets, flags such as "R E") of each segment."""
    line = re.compile(r"^ +([A-Z_]+) +0x(\w+) 0x(\w+) 0x\w+ 0x(\w+) 0x\w+ ([RWE ]{3}) ", re.MULTILINE)
    return [(kind, int(offset, 16), int(address, 16), int(size, 16), flags)
            for kind, offset, address, size, flags in line.findall(readelf("--segments", path))]


class HardeningTest(unittest.TestCase):
    def test_position_independent(self) -> None:
        for path in PROGRAMS:
            self.assertRegex(readelf("--dynamic", path), r"FLAGS_1.*\bPIE\b", path)
        for path in PROGRAMS + LIBRARIES:
            self.assertRegex(readelf("--file-header", path), r"Type: +DYN", path)
            self.assertNotIn("TEXTREL", readelf("--dynamic", path), path)

    def test_relocations_are_read_only(self) -> None:
        for path in PROGRAMS + LIBRARIES:
            self.assertIn("GNU_RELRO", [one[0] for one in segments(path)], path)
            self.assertRegex(readelf("--dynamic", path), r"FLAGS_1.*\bNOW\b", path)

    def test_nothing_is_writable_and_executable(self) -> None:
        for path in PROGRAMS + LIBRARIES:
            found = segments(path)
            self.assertIn("GNU_STACK", [one[0] for one in found], path)
            for kind, _, _, _, flags in found:
                self.assertFalse("W" in flags and "E" in flags, (path, kind, flags))

    def test_no_folder_of_libraries(self) -> None:
        for path in PROGRAMS + LIBRARIES:
            self.assertNotRegex(readelf("--dynamic", path), "RPATH|RUNPATH", path)

    def test_functions_that_check(self) -> None:
        for path in PROGRAMS + LIBRARIES[:1]:
            symbols = readelf("--dyn-syms", path)
            self.assertRegex(symbols, r"UND __stack_chk_fail\b", path)
            self.assertRegex(symbols, r"UND __\w+_chk\b", path)

    def test_landing_marks(self) -> None:
        for path in LIBRARIES:
            if "X86-64" not in readelf("--file-header", path):
                self.skipTest("CET is x86-64's")
            with open(path, "rb") as file:
                octets = file.read()
            loaded = [one for one in segments(path) if one[0] == "LOAD"]
            functions = re.findall(r"^ *\d+: (\w+) +\d+ FUNC +GLOBAL DEFAULT +\d+ (postseal_\w+)",
                                   readelf("--dyn-syms", path), re.MULTILINE)
            self.assertNotEqual(functions, [], path)
            for value, name in functions:
                address = int(value, 16)
                begin = next(offset + address - start for _, offset, start, size, _ in loaded
                             if start <= address < start + size)
                self.assertEqual(octets[begin:begin + 4], LANDING, (path, name))


if __name__ == "__main__":
    unittest.main()
