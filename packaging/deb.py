#!/usr/bin/env python3
"""deb.py OUTDIR: makes the Debian packages of packaging/debian/control.

Run by `bazel run //packaging:deb [-- OUTDIR]`, from the folder with its files. dpkg-dev's
own programs find out what the packages depend on and which symbols they offer. The same
tree makes the same octets: times are those of the changelog.
"""

import dataclasses
import gzip
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import stage

SOURCE = pathlib.Path(".")
BORINGSSL_LICENSE = pathlib.Path("../boringssl/LICENSE")
# Which package a staged path goes to: the first pattern that it begins with. LIBDIR is
# usr/lib/ and the architecture.
CONTENTS = (
    ("libpostseal0", r"LIBDIR/libpostseal\.so\."),
    ("libpostseal-unbound0", r"LIBDIR/libpostseal-unbound\.so\."),
    ("libpostseal-dev", r"LIBDIR/|usr/include/|usr/share/doc/libpostseal-dev/"),
    ("postseal-milter", r"etc/|usr/sbin/|usr/lib/(systemd|sysusers\.d|tmpfiles\.d)/"),
    ("postseal-milter", r"usr/share/(man/man./|doc/|bash-completion/completions/)postseal-milter\b"),
    ("postseal", r"usr/bin/|usr/share/"),
)
PACKAGES = tuple(dict.fromkeys(package for package, _ in CONTENTS))
# What dpkg runs, and the list of files that are the administrator's.
MAINTAINER_FILES = ("postinst", "prerm", "postrm", "conffiles")
LIBRARY_PACKAGES = {"libpostseal0": "libpostseal", "libpostseal-unbound0": "libpostseal-unbound"}
SECTIONS_TO_STRIP = ("--remove-section=.comment", "--remove-section=.note")


def run(*command: str, cwd: pathlib.Path, environment: dict[str, str] | None = None) -> str:
    """Runs a program of dpkg-dev or binutils and returns its output."""
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **(environment or {})}, capture_output=True, text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {done.stdout}{done.stderr}")
    return done.stdout


def split(staged: pathlib.Path, debian: pathlib.Path, multiarch: str) -> None:
    """Moves every staged file to its package."""
    for path in sorted(staged.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            continue
        name = str(path.relative_to(staged))
        package = next(
            package for package, pattern in CONTENTS
            if re.match(pattern.replace("LIBDIR", f"usr/lib/{multiarch}"), name)
        )
        target = debian / package / name
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)


def compress(path: pathlib.Path) -> None:
    """Replaces a file by one that gzip made, without name and time."""
    packed = gzip.compress(path.read_bytes(), mtime=0)
    path.with_name(path.name + ".gz").write_bytes(packed)
    path.unlink()


def license_paragraph(name: str, text: str) -> str:
    """Returns |text| in the form of a copyright file."""
    lines = [" " + line.rstrip() if line.strip() else " ." for line in text.strip().split("\n")]
    return "\n".join([f"\nLicense: {name}", *lines]) + "\n"


def add_documents(tree: pathlib.Path, package: str) -> None:
    folder = tree / "usr/share/doc" / package
    folder.mkdir(parents=True, exist_ok=True)
    text = (SOURCE / "packaging/debian/copyright").read_text(encoding="utf-8")
    text += license_paragraph("BoringSSL", BORINGSSL_LICENSE.read_text(encoding="utf-8"))
    (folder / "copyright").write_text(text, encoding="utf-8")
    (folder / "changelog.Debian").write_text(stage.changelog(SOURCE), encoding="utf-8")
    compress(folder / "changelog.Debian")
    for page in sorted(tree.glob("usr/share/man/man?/*.?")):
        compress(page)


def elf_files(tree: pathlib.Path) -> list[pathlib.Path]:
    files = [*tree.glob("usr/bin/*"), *tree.glob("usr/sbin/*"), *tree.glob("usr/lib/*/*.so.*")]
    return sorted(path for path in files if not path.is_symlink())


def runs(path: pathlib.Path) -> bool:
    """Says whether a file of a package is a program."""
    if path.parent.name == "DEBIAN":
        return path.name in ("postinst", "prerm", "postrm")
    return path.parent.name in ("bin", "sbin")


def add_configuration(staged: pathlib.Path) -> None:
    """Puts the milter's example, with which it works, where it is read."""
    example = staged / "usr/share/doc/postseal-milter/examples/postseal-milter.conf"
    (staged / "etc/postseal").mkdir(parents=True)
    example.rename(staged / "etc/postseal-milter.conf")


@dataclasses.dataclass
class Build:
    """Build is where packages are made, |work| with its folder debian, and what for."""

    work: pathlib.Path
    out: pathlib.Path
    architecture: str
    multiarch: str
    version: str
    epoch: str

    def tree(self, package: str) -> pathlib.Path:
        return self.work / "debian" / package

    def describe_library(self, package: str) -> None:
        """Writes what other packages depend on for a library, and has ldconfig called."""
        control = self.tree(package) / "DEBIAN"
        name = LIBRARY_PACKAGES[package]
        upstream = self.version.partition("-")[0]
        (control / "shlibs").write_text(f"{name} {stage.SOVERSION} {package} (>= {upstream})\n")
        (control / "triggers").write_text("activate-noawait ldconfig\n")
        tree = f"debian/{package}"
        library = f"{tree}/usr/lib/{self.multiarch}/{name}.so.{upstream}"
        run("dpkg-gensymbols", f"-p{package}", f"-P{tree}", f"-v{upstream}", f"-e{library}",
            cwd=self.work)

    def write_control(self, package: str) -> None:
        """Writes the package's control file, with what its programs and libraries need."""
        substvars = f"debian/{package}.substvars"
        files = [f"-e{path.relative_to(self.work)}" for path in elf_files(self.tree(package))]
        (self.work / substvars).write_text("")
        if files:
            run("dpkg-shlibdeps", f"-T{substvars}", f"-x{package}", *files, cwd=self.work)
        run("dpkg-gencontrol", f"-p{package}", f"-Pdebian/{package}", f"-T{substvars}",
            "-fdebian/files", cwd=self.work)

    def pack(self, package: str) -> pathlib.Path:
        """Writes the checksums, but for conffiles, which dpkg knows, and packs the package."""
        tree = self.tree(package)
        files = sorted(p for p in tree.rglob("*") if p.is_file() and not p.is_symlink()
                       and p.relative_to(tree).parts[0] not in ("DEBIAN", "etc"))
        sums = ((hashlib.md5(p.read_bytes()).hexdigest(), p.relative_to(tree)) for p in files)
        text = "".join(f"{digest}  {name}\n" for digest, name in sums)
        (tree / "DEBIAN/md5sums").write_text(text)
        for path in tree.rglob("*"):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or runs(path) else 0o644)
        made = self.out / f"{package}_{self.version}_{self.architecture}.deb"
        run("dpkg-deb", "--root-owner-group", "--build", str(tree), str(made), cwd=self.work,
            environment={"SOURCE_DATE_EPOCH": self.epoch})
        return made


def build(out: pathlib.Path) -> list[pathlib.Path]:
    """Makes every package in |out| and returns their files."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        shutil.copytree(SOURCE / "packaging/debian", work / "debian")
        architecture, multiarch = (
            run("dpkg-architecture", f"-qDEB_HOST_{name}", cwd=work).strip()
            for name in ("ARCH", "MULTIARCH")
        )
        version, epoch = (
            run("dpkg-parsechangelog", "-S", name, cwd=work).strip()
            for name in ("Version", "Timestamp")
        )
        job = Build(work, out, architecture, multiarch, version, epoch)
        layout = stage.Layout("/usr", f"lib/{multiarch}", str(work / "staged"),
                              stage.ZSH_FUNCTIONS_DEBIAN)
        stage.stage(layout, SOURCE, SOURCE)
        add_configuration(work / "staged")
        split(work / "staged", work / "debian", multiarch)
        for package in PACKAGES:
            (job.tree(package) / "DEBIAN").mkdir()
            for name in MAINTAINER_FILES:
                if (work / f"debian/{package}.{name}").exists():
                    shutil.copy(work / f"debian/{package}.{name}",
                                job.tree(package) / "DEBIAN" / name)
            add_documents(job.tree(package), package)
            for path in elf_files(job.tree(package)):
                path.chmod(0o755)
                run("strip", "--strip-unneeded", *SECTIONS_TO_STRIP, str(path), cwd=work)
            if package in LIBRARY_PACKAGES:
                job.describe_library(package)
        # After all libraries are described: they depend on each other.
        for package in PACKAGES:
            job.write_control(package)
        return [job.pack(package) for package in PACKAGES]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    for made in build(pathlib.Path(sys.argv[1]).absolute()):
        print(made)
