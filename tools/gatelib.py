"""Shared by the gates: which files belong to the tree, and C++ text without its comments and strings."""

import pathlib
import re
import subprocess

CPP_SUFFIXES = {".cpp", ".hpp", ".h", ".cc"}


def repository_root():
    """The folder that holds tools/."""
    return pathlib.Path(__file__).resolve().parent.parent


def tree_files(root):
    """Sorted paths (relative, with /) of the files git tracks or would add; of all files where there is no git."""
    root = pathlib.Path(root)
    if (root / ".git").exists():
        listed = subprocess.run(
            ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            check=True, capture_output=True, text=True).stdout.split("\0")
        names = {name for name in listed if name and (root / name).is_file()}
    else:
        names = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    return sorted(names)


def cpp_files(root):
    return [name for name in tree_files(root) if pathlib.PurePosixPath(name).suffix in CPP_SUFFIXES]


def read(root, name):
    return (pathlib.Path(root) / name).read_text(encoding="utf-8", errors="replace")


_TOKENS = re.compile(
    r"""(?P<line>//(?:\\\n|[^\n])*)
      | (?P<block>/\*.*?\*/)
      | (?P<raw>R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)")
      | (?P<number>\b[0-9](?:'?[0-9A-Za-z_.])*)
      | (?P<text>"(?:\\.|[^"\\\n])*")
      | (?P<char>'(?:\\.|[^'\\\n])+')""",
    re.DOTALL | re.VERBOSE)


def blank_comments(text, strings=True):
    """The text with comments (and, if `strings`, literals) replaced by blanks; every line keeps its number."""
    def replace(match):
        kind = match.lastgroup if match.lastgroup != "mark" else "raw"
        if kind == "number" or (kind in ("raw", "text", "char") and not strings):
            return match.group(0)
        return re.sub(r"[^\n]", " ", match.group(0))
    return _TOKENS.sub(replace, text)
