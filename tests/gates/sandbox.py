"""A folder of its own for each test, and programs run in it."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import textwrap
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
TOOLS = REPOSITORY / "tools"
# What the caller of these tests is told must not reach the programs under test.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("MPREG_", "TESTS_"))}


class SandboxTest(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="mpreg_gate_"))
        self.addCleanup(shutil.rmtree, self.root)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    def run_command(self, *command, **environment):
        """The exit code, and stdout followed by stderr."""
        result = subprocess.run([str(part) for part in command], cwd=self.root, env=ENVIRONMENT | environment,
                                stdin=subprocess.DEVNULL, capture_output=True, text=True)
        return result.returncode, result.stdout + result.stderr
