"""What the Python tools share: the list of this tree's files."""
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def files(root=ROOT):
    """The files below |root| as sorted relative paths: git's list, new files included,
    or in a tree without git every file that is not Bazel's."""
    # Whoever runs a tool need not be who owns the checkout.
    git = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", root, "ls-files", "-z", "--cached", "--others",
         "--exclude-standard"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    if git.returncode == 0:
        names = git.stdout.split("\0")
    else:
        names = [os.path.relpath(os.path.join(folder, name), root)
                 for folder, _, found in os.walk(root) for name in found]
        names = [n for n in names if not n.startswith(("bazel-", ".git/")) and "__pycache__" not in n]
    return sorted(n for n in set(names) if os.path.isfile(os.path.join(root, n))
                  and not os.path.islink(os.path.join(root, n)))
