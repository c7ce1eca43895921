#!/usr/bin/env python3
"""stage.py --prefix PREFIX [--libdir DIR] [--destdir ROOT] [--source DIR] [--built DIR]

Installs what was built: libraries, headers, pkg-config and CMake files, the command line
with its manual pages and shell completions, the milter with what systemd reads, and the
examples. --libdir is below PREFIX,
"lib" by default; ROOT goes before every path that is written to, and into no file.
packaging/install builds first and then calls this.
"""

import argparse
import dataclasses
import os
import pathlib
import re
import shutil

import command_help
import completions
import manual_pages
import milter_pages

LIBRARIES = {
    "postseal": "capi/libpostseal.so.0",
    "postseal-unbound": "capi/libpostseal-unbound.so.0",
}
SOVERSION = "0"
HEADERS = (
    "postseal.h",
    "postseal.hpp",
    "postseal_base.hpp",
    "postseal_sign.hpp",
    "postseal_unbound.h",
    "postseal_unbound.hpp",
    "postseal_verify.hpp",
)
EXAMPLES = (
    "c/event_loop_mta.c",
    "c/own_resolver.c",
    "c/verify_blocking.c",
    "cpp/CMakeLists.txt",
    "cpp/verify.cpp",
)
MILTER_EXAMPLES = ("opendkim.conf", "postseal-milter.conf", "prometheus.yml")
ZSH_FUNCTIONS = "share/zsh/site-functions"
ZSH_FUNCTIONS_DEBIAN = "share/zsh/vendor-completions"


@dataclasses.dataclass
class Layout:
    """Layout says where things go: |libdir| and |zsh| are relative to |prefix|."""

    prefix: str
    libdir: str = "lib"
    destdir: str = ""
    zsh: str = ZSH_FUNCTIONS

    def path(self, relative: str) -> pathlib.Path:
        return pathlib.Path(f"{self.destdir}{self.prefix}") / relative


def version_of(source: pathlib.Path) -> str:
    """Returns the version that the header states, "0.1.0"."""
    text = (source / "capi/postseal.h").read_text(encoding="utf-8")
    parts = re.findall(r"POSTSEAL_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", text)
    assert len(parts) == 3, parts
    return ".".join(parts)


def date_of(source: pathlib.Path) -> str:
    """Returns the date of the Debian changelog, for manual pages: the same each time."""
    stamp = re.search(r"^ -- .*>  \w+, (\d+) (\w+) (\d+)", changelog(source), re.MULTILINE)
    assert stamp, "packaging/debian/changelog has no date"
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    return f"{stamp[3]}-{months.index(stamp[2]) + 1:02}-{int(stamp[1]):02}"


def changelog(source: pathlib.Path) -> str:
    return (source / "packaging/debian/changelog").read_text(encoding="utf-8")


def write(path: pathlib.Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)


def copy(source: pathlib.Path, path: pathlib.Path, mode: int = 0o644) -> None:
    """Copies to a new file, so that a program that has the old one open keeps it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    shutil.copyfile(source, path)
    path.chmod(mode)


def link(target: str, path: pathlib.Path) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def stage_libraries(layout: Layout, source: pathlib.Path, built: pathlib.Path) -> None:
    version = version_of(source)
    for name, file in LIBRARIES.items():
        library = layout.path(layout.libdir) / f"lib{name}.so"
        copy(built / file, library.with_name(f"{library.name}.{version}"))
        link(f"{library.name}.{version}", library.with_name(f"{library.name}.{SOVERSION}"))
        link(f"{library.name}.{SOVERSION}", library)
    for header in HEADERS:
        copy(source / "capi" / header, layout.path("include") / header)


def stage_build_files(layout: Layout, source: pathlib.Path) -> None:
    """Writes what pkg-config and CMake read."""
    cmake = f"{layout.libdir}/cmake/Postseal"
    values = {
        "PREFIX": layout.prefix,
        "LIBDIR": layout.libdir,
        "VERSION": version_of(source),
        "SOVERSION": SOVERSION,
        "PREFIX_FROM_CMAKE": os.path.relpath(".", cmake),
    }
    for name, folder in (
        ("postseal.pc", f"{layout.libdir}/pkgconfig"),
        ("postseal-unbound.pc", f"{layout.libdir}/pkgconfig"),
        ("PostsealConfig.cmake", cmake),
        ("PostsealConfigVersion.cmake", cmake),
    ):
        template = (source / "packaging" / f"{name}.in").read_text(encoding="utf-8")
        write(layout.path(folder) / name, re.sub(r"@(\w+)@", lambda m: values[m[1]], template))


def stage_command_line(layout: Layout, source: pathlib.Path, built: pathlib.Path) -> None:
    program = built / "cli/postseal"
    copy(program, layout.path("bin/postseal"), 0o755)
    root = command_help.read(str(program.absolute()))
    for name, text in manual_pages.pages(root, version_of(source), date_of(source)).items():
        write(layout.path("share/man/man1") / name, text)
    write(layout.path("share/bash-completion/completions/postseal"), completions.bash(root))
    write(layout.path(layout.zsh) / "_postseal", completions.zsh(root))
    write(layout.path("share/fish/vendor_completions.d/postseal.fish"), completions.fish(root))


def stage_milter(layout: Layout, source: pathlib.Path, built: pathlib.Path) -> None:
    """Installs the milter. Its configuration is an example: what is in /etc is the machine's."""
    program = built / "milter/postseal-milter"
    templates = source / "packaging/milter"
    copy(program, layout.path("sbin/postseal-milter"), 0o755)
    path = str(program.absolute())
    pages = milter_pages.pages(path, templates, version_of(source), date_of(source))
    for name, text in pages.items():
        write(layout.path(f"share/man/man{name[-1]}") / name, text)
    write(layout.path("share/bash-completion/completions/postseal-milter"), milter_pages.bash(path))
    unit = (templates / "postseal-milter.service.in").read_text(encoding="utf-8")
    write(layout.path("lib/systemd/system/postseal-milter.service"),
          unit.replace("@PREFIX@", layout.prefix))
    copy(templates / "sysusers.conf", layout.path("lib/sysusers.d/postseal-milter.conf"))
    copy(templates / "tmpfiles.conf", layout.path("lib/tmpfiles.d/postseal-milter.conf"))
    for name in MILTER_EXAMPLES:
        text = (templates / name).read_text(encoding="utf-8")
        write(layout.path("share/doc/postseal-milter/examples") / name,
              text.replace("/usr/sbin/", f"{layout.prefix}/sbin/"))


def stage(layout: Layout, source: pathlib.Path, built: pathlib.Path) -> None:
    """Installs everything. |source| is the tree, |built| where Bazel put its outputs."""
    stage_libraries(layout, source, built)
    stage_build_files(layout, source)
    stage_command_line(layout, source, built)
    stage_milter(layout, source, built)
    for example in EXAMPLES:
        path = layout.path("share/doc/libpostseal-dev/examples") / example
        copy(source / "examples" / example, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--prefix", required=True)
    parser.add_argument("--libdir", default="lib")
    parser.add_argument("--destdir", default="")
    parser.add_argument("--source", type=pathlib.Path, default=pathlib.Path("."))
    parser.add_argument("--built", type=pathlib.Path, default=pathlib.Path("bazel-bin"))
    arguments = parser.parse_args()
    if not os.path.isabs(arguments.prefix):
        parser.error("PREFIX must be an absolute path")
    if os.path.isabs(arguments.libdir) or ".." in arguments.libdir.split("/"):
        parser.error("--libdir is below PREFIX")
    prefix = os.path.normpath(arguments.prefix)
    stage(Layout(prefix, arguments.libdir, arguments.destdir), arguments.source, arguments.built)


if __name__ == "__main__":
    main()
