"""The package as its users meet it: stubs that match, docstrings, an installation that imports."""

import ast
import inspect
import os
import pathlib
import subprocess
import sys
import unittest

import mpreg
from mpreg import _core
from support import ROOT, FolderCase

PACKAGE = ROOT / "bindings" / "python" / "mpreg"
OWN = {"__len__", "__init__", "__members__"}  # Names with underscores that the stub may give.


def public(names):
    return {name for name in names if not name.startswith("_") or name in OWN}


class Stubs(unittest.TestCase):
    def setUp(self):
        self.tree = ast.parse((PACKAGE / "_core.pyi").read_text(encoding="utf-8"))

    def names(self, body):
        for item in body:
            if isinstance(item, (ast.FunctionDef, ast.ClassDef)):
                yield item.name
            elif isinstance(item, ast.AnnAssign):
                yield item.target.id

    def test_the_module_has_the_names_of_its_stub(self):
        self.assertEqual(public(self.names(self.tree.body)), public(dir(_core)))

    def test_classes_have_the_members_of_their_stubs(self):
        for item in self.tree.body:
            if isinstance(item, ast.ClassDef):
                real = public(vars(getattr(_core, item.name))) - {"__members__"}
                self.assertEqual(public(self.names(item.body)) - {"__members__"}, real | ({"__init__"} & real), item.name)

    def test_functions_take_the_arguments_of_their_stubs(self):
        functions = [item for item in self.tree.body if isinstance(item, ast.FunctionDef)]
        functions += [item for kind in self.tree.body if isinstance(kind, ast.ClassDef) and kind.name == "World"
                      for item in kind.body if isinstance(item, ast.FunctionDef) and not item.decorator_list and item.name != "__init__"]
        self.assertGreater(len(functions), 30)
        for item in functions:
            real = getattr(_core, item.name, None) or getattr(_core.World, item.name)
            wanted = [argument.arg for argument in item.args.args]
            told = real.__doc__.split("(", 1)[1].split(") ->")[0]
            for argument in wanted:
                self.assertIn(f"{argument}:", told, f"{item.name}: {told}")


class Package(FolderCase):
    def test_everything_public_is_documented_and_named(self):
        self.assertEqual(sorted(mpreg.__all__, key=lambda name: (not name.isupper(), name)), mpreg.__all__)
        public = {name for name, thing in vars(mpreg).items() if not name.startswith("_") and not inspect.ismodule(thing)}
        self.assertEqual(set(mpreg.__all__), public | {"judge", "sweep"})  # these are the names of modules as well
        for name in mpreg.__all__:
            thing = getattr(mpreg, name)
            if callable(thing):
                self.assertTrue(inspect.getdoc(thing), name)
        for name, method in inspect.getmembers(mpreg.World, inspect.isfunction):
            if not name.startswith("_"):
                self.assertTrue(inspect.getdoc(method), name)
        self.assertTrue((PACKAGE / "py.typed").is_file())

    def test_an_installed_package_imports_from_its_prefix(self):
        subprocess.run(["cmake", "--install", os.environ["MPREG_BUILD"], "--component", "python", "--prefix",
                        str(self.folder)], check=True, capture_output=True)
        place = self.folder / "lib" / "python3" / "dist-packages"
        found = subprocess.run([sys.executable, "-c", "import mpreg; print(mpreg.__file__); "
                                "print(mpreg.run_plan(mpreg.swarm_plan(4, (3, 5))).trace_hash)"],
                               env={**os.environ, "PYTHONPATH": str(place)}, cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(found.returncode, 0, found.stderr)
        file, trace = found.stdout.split()
        self.assertTrue(pathlib.Path(file).is_relative_to(place))
        self.assertEqual(trace, mpreg.run_plan(mpreg.swarm_plan(4, (3, 5))).trace_hash)
        self.assertTrue((place / "mpreg" / "_core.pyi").is_file())


if __name__ == "__main__":
    unittest.main()
