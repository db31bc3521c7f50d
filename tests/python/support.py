"""Shared by the tests of the Python module."""

import pathlib
import shutil
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class FolderCase(unittest.TestCase):
    """A folder of its own for each test."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mpreg_python_"))
        self.addCleanup(shutil.rmtree, self.folder)

    def refuses(self, error, text, call, *arguments, **named):
        """The call raises this error, whose message begins so."""
        with self.assertRaises(error) as raised:
            call(*arguments, **named)
        self.assertTrue(str(raised.exception).startswith(text), str(raised.exception))
