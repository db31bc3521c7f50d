#!/usr/bin/python3
"""Checks every #include against tools/layers.toml, and layers.toml itself for cycles.

Usage: check_layers.py [--root DIR] [--layers FILE]    Exit: 0 clean, 1 violations, 2 bad layers.toml.
"""

import argparse
import pathlib
import re
import sys
import tomllib

import gatelib

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)
OURS = ("engine", "sim", "net", "node", "bindings", "tests", "proptests", "tools")


def matches(name, patterns):
    return any(name == p or p == "*" or (p.endswith("/*") and name.startswith(p[:-1])) for p in patterns)


def load(path):
    """The layers by folder, with sets expanded; exits 2 where the file contradicts itself."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    layers, sets = data["layer"], data.get("sets", {})
    for name, layer in layers.items():
        system = []
        for item in layer.get("system", []):
            system += sets[item[1:]] if item.startswith("@") else [item]
        layer["system"] = system
        for target in layer.get("include", []):
            if "*" not in target and target not in layers:
                refuse_file(path, f"[layer.{name}] includes '{target}', which is no layer")
    cycle = find_cycle({name: layer.get("include", []) for name, layer in layers.items()})
    if cycle:
        refuse_file(path, "cycle: " + " -> ".join(cycle))
    return layers, data.get("instead", {})


def refuse_file(path, message):
    print(f"{path.name}: {message}")
    sys.exit(2)


def find_cycle(edges):
    """One cycle of the layer graph as a list of names, or None. Wildcards of top layers are not edges down."""
    state, stack = {}, []

    def visit(name):
        state[name] = "open"
        stack.append(name)
        for target in edges.get(name, []):
            if "*" in target:
                continue
            if state.get(target) == "open":
                return stack[stack.index(target):] + [target]
            if target not in state:
                found = visit(target)
                if found:
                    return found
        stack.pop()
        state[name] = "done"
        return None

    for name in sorted(edges):
        if name not in state:
            found = visit(name)
            if found:
                return found
    return None


def layer_of(name, layers):
    """The longest declared folder that holds the file, or None."""
    found = [layer for layer in layers if name.startswith(layer + "/")]
    return max(found, key=len, default=None)


def check_include(source, kind, target, layers, instead):
    """None, or why `source` may not include `target`."""
    own = layer_of(source, layers)
    if own is None:
        return "no layer for this folder: add it to tools/layers.toml"
    rules, top = layers[own], own.split("/")[0]
    if kind == "<":
        if matches(target, rules.get("system", [])) and not matches(target, rules.get("refuse", [])):
            return None
        hint = f": {instead[target]}" if target in instead else ""
        shown = top if target in instead else own
        return f"{shown}/ may not include <{target}>{hint}"
    if target.split("/")[0] not in OURS or ".." in target:
        return f'"{target}" must be a path from the repository root'
    other = layer_of(target, layers)
    if other is None:
        return f'"{target}" is in no layer of tools/layers.toml'
    for prefix in layers[other].get("private", []):
        if target.startswith(prefix) and own != other and own not in ("tests", "proptests", "tools"):
            return f'{own}/ may not include "{target}": {prefix} is private to {other}/'
    if own != other and not matches(other, rules.get("include", [])):
        return f'{own}/ may not include {other}/ ("{target}"): layers.toml allows it no such edge'
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=pathlib.Path, default=gatelib.repository_root())
    parser.add_argument("--layers", type=pathlib.Path)
    args = parser.parse_args()
    layers, instead = load(args.layers or args.root / "tools" / "layers.toml")
    bad = files = 0
    for name in gatelib.cpp_files(args.root):
        if name.split("/")[0] not in OURS:
            continue
        files += 1
        text = gatelib.blank_comments(gatelib.read(args.root, name), strings=False)
        for match in INCLUDE.finditer(text):
            why = check_include(name, match.group(1), match.group(2), layers, instead)
            if why:
                bad += 1
                print(f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {why}")
    print(f"layers: {files} files, {bad} violations")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
