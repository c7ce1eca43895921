"""The shared libraries show exactly what the headers declare, and the headers compile alone
in every language that they are for."""
import os
import subprocess
import tempfile
import unittest

from tools import capi_header

LIBRARIES = {
    "capi/postseal.h": "capi/libpostseal.so.0",
    "capi/postseal_unbound.h": "capi/libpostseal-unbound.so.0",
}
LANGUAGES = [
    ("c", standard) for standard in ("c99", "c11", "c17")
] + [
    ("c++", standard) for standard in ("c++98", "c++11", "c++17", "c++20")
]
COMPILERS = {"c": ("gcc", "clang-19"), "c++": ("g++", "clang++-19")}


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class LibraryTest(unittest.TestCase):
    def test_symbols_are_the_functions_of_the_header(self):
        for header, library in LIBRARIES.items():
            text = capi_header.read(header)
            shown = {line.split()[2].split("@")[0]
                     for line in output("nm", "-D", "--defined-only", library).splitlines()
                     if line.split()[1] != "A"}
            self.assertEqual(sorted(shown), sorted(capi_header.exported(text)), library)

    def test_sonames(self):
        for library in LIBRARIES.values():
            dynamic = output("readelf", "-d", library)
            self.assertIn("soname: [%s]" % os.path.basename(library), dynamic)

    def test_the_resolver_is_the_only_one_with_libunbound(self):
        self.assertNotIn("libunbound", output("readelf", "-d", LIBRARIES["capi/postseal.h"]))
        self.assertIn("libunbound", output("readelf", "-d", LIBRARIES["capi/postseal_unbound.h"]))

    def test_no_library_brings_openssl_or_abseil(self):
        for library in LIBRARIES.values():
            dynamic = output("readelf", "-d", library)
            self.assertNotIn("libcrypto", dynamic)
            self.assertNotIn("libabsl", dynamic)

    def test_headers_compile_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            for language, standard in LANGUAGES:
                for header in LIBRARIES:
                    source = os.path.join(folder, "alone.c")
                    with open(source, "w", encoding="ascii") as file:
                        file.write('#include "%s"\nint the_header_is_not_all;\n'
                                   % os.path.basename(header))
                    for compiler in COMPILERS[language]:
                        # C++98 has no long long and no variadic macros; stdint.h there is the
                        # system's to answer for.
                        subprocess.run(
                            [compiler, "-x", language, "-std=" + standard, "-pedantic", "-Wall",
                             "-Wextra", "-Werror", "-fsyntax-only", "-I", "capi", source],
                            check=True)

    def test_the_version_is_made_of_its_parts(self):
        text = capi_header.read("capi/postseal.h")
        for part in ("MAJOR", "MINOR", "PATCH"):
            self.assertRegex(text, r"#define POSTSEAL_VERSION_%s \d+\n" % part)


if __name__ == "__main__":
    unittest.main()
