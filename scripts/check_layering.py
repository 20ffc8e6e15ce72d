#!/usr/bin/env python3
# Checks who includes whom, and that the search knows no problem by name.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks the layers of docs/architecture.md.

1. A file includes headers of its own layer or of lower ones only.
2. The layers of pure functions see no MLIR and no LLVM, neither directly nor through a header of ours (Results,
   Weights and Data may use LLVM's JSON library). Support sees no MLIR.
3. The parser of lib/Frontend alone sees ANTLR's runtime, only tools/catc-eval-torch includes libtorch, and only
   lib/Emit/Onnx, which catc does not link, ONNX.
4. No name of a searched parameter, template key, tower or hardware of examples/ or catlib/ stands in a string literal of
   lib/Search or lib/Study: what those two do must follow from the spec's structure.
"""

import argparse
import pathlib
import re
import sys

# From the bottom up. A folder of lib/ is named by itself; dialects/ and tools/ are one layer each.
LAYERS = [
    ["Support"],
    ["Int8", "Cost", "Rtl", "Carbon", "Search", "Results", "Weights", "Data"],
    ["dialects"],
    ["Models", "Transforms", "Conversion", "Analysis"],
    ["Frontend", "Eval", "Emit", "Execution"],
    ["Study"],
    ["Driver"],
    ["tools"],
]
RANK = {folder: rank for rank, folders in enumerate(LAYERS) for folder in folders}

PURE = {"Int8", "Cost", "Rtl", "Carbon", "Search", "Results", "Weights", "Data"}
READS_JSON = {"Results", "Weights", "Data"}
JSON_LIBRARY = {"llvm/Support/JSON.h", "llvm/Support/raw_ostream.h", "llvm/Support/Error.h"}
NAMELESS = {"Search", "Study"}
PARSER = {"lib/Frontend/Parser.cpp", "lib/Frontend/SyntaxErrors.cpp", "lib/Frontend/SyntaxErrors.h"}

SOURCES = {".cpp", ".h"}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"]+)[>"]', re.MULTILINE)
# A comment, a raw string, a string or a character; whichever begins first wins.
TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<mark>[^(\s]*)\((?P<raw>.*?)\)(?P=mark)"'
    r'|"(?P<text>(?:[^"\\\n]|\\.)*)"|\'(?:[^\'\\\n]|\\.)+\'',
    re.DOTALL,
)
BLANK_COMMENTS = re.compile(r"#[^\n]*|//[^\n]*|/\*.*?\*/", re.DOTALL)


class Tree:
    """The sources below one root: their text, their folder, and the headers by the name they are included under."""

    def __init__(self, root):
        self.root = root
        self.text = {}
        self.folder = {}
        self.headers = {}
        for base in ["lib", "dialects", "tools"]:
            for path in sorted((root / base).rglob("*")):
                if path.suffix not in SOURCES or not path.is_file():
                    continue
                self.text[path] = path.read_text(encoding="utf-8")
                parts = path.relative_to(root).parts
                self.folder[path] = parts[1] if base == "lib" and len(parts) > 2 else base
                self.headers["/".join(parts[1:])] = path

    def includes(self, path):
        """Yields (line, spelling, the file of ours it names or None)."""
        text = self.text[path]
        for match in INCLUDE.finditer(text):
            spelling = match.group(1)
            beside = (path.parent / spelling).resolve()
            target = self.headers.get(spelling) or (beside if beside in self.text else None)
            yield text.count("\n", 0, match.start(1)) + 1, spelling, target

    def folder_of_include(self, path, spelling, target):
        """The folder that an include line reaches, generated headers included, or None for what is not ours."""
        if target is not None:
            return self.folder[target]
        first, slash, _ = spelling.partition("/")
        if not slash:
            return None
        if (self.root / "lib" / first).is_dir():
            return first
        return "dialects" if (self.root / "dialects" / first).is_dir() else None


def foreign(spelling):
    """The library that a header belongs to, of those that only some layers may see."""
    if spelling.startswith(("mlir/", "mlir-c/")):
        return "MLIR"
    if spelling.startswith(("llvm/", "llvm-c/")):
        return "LLVM"
    if spelling.startswith("antlr4"):
        return "ANTLR"
    if spelling.startswith(("torch/", "ATen/", "c10/")):
        return "libtorch"
    if spelling.startswith(("onnx/", "google/protobuf/")):
        return "ONNX"
    return None


def check_order(tree, report):
    for path, folder in tree.folder.items():
        if folder not in RANK:
            report(path, 1, f"folder '{folder}' stands in no layer; add it to scripts/check_layering.py")
            continue
        for line, spelling, target in tree.includes(path):
            reached = tree.folder_of_include(path, spelling, target)
            if reached in RANK and RANK[reached] > RANK[folder]:
                report(path, line, f"{folder} includes \"{spelling}\" of a higher layer ({reached})")


def check_foreign(tree, report):
    def banned(path, folder, library, spelling):
        if library == "ANTLR":
            return path.relative_to(tree.root).as_posix() not in PARSER
        if library == "ONNX":
            return not path.is_relative_to(tree.root / "lib" / "Emit" / "Onnx")
        if library == "MLIR":
            return folder in PURE or folder == "Support"
        if library == "LLVM":
            return folder in PURE and not (folder in READS_JSON and spelling in JSON_LIBRARY)
        return False

    for path, folder in tree.folder.items():
        # Every header of ours that the file reaches, with the line of the file that leads there.
        seen = {path}
        queue = [(path, None)]
        while queue:
            current, via = queue.pop()
            for line, spelling, target in tree.includes(current):
                place = via or line
                library = foreign(spelling)
                if library and banned(path, folder, library, spelling):
                    how = "" if current == path else f" through {current.relative_to(tree.root)}"
                    report(path, place, f"{folder} must not see {library}: it includes <{spelling}>{how}")
                if target is not None and target not in seen:
                    seen.add(target)
                    queue.append((target, place))

    for path in tree.text:
        inside = path.is_relative_to(tree.root / "tools" / "catc-eval-torch")
        for line, spelling, _ in tree.includes(path):
            if foreign(spelling) == "libtorch" and not inside:
                report(path, line, f"only tools/catc-eval-torch may include libtorch: <{spelling}>")


def spec_names(root):
    """The names that specs and templates give to parameters, towers and hardware, with the file that has them."""
    names = {}
    for path in sorted([*(root / "examples").rglob("*.cat"), *(root / "catlib").rglob("*.cat")]):
        text = BLANK_COMMENTS.sub("", re.sub(r'"[^"\n]*"', '""', path.read_text(encoding="utf-8")))
        found = re.findall(r"\bsearch\s+(\w+)\s+in\b", text)
        found += re.findall(r"\b(?:tower|hardware)\s+(\w+)\s*[:{]", text)
        # A hardware block without a base is a template; its keys are the names that derived blocks may search.
        for match in re.finditer(r"\bhardware\s+\w+\s*\{", text):
            found += template_keys(text, match.end())
        for name in found:
            names.setdefault(name, path)
    return names


def template_keys(text, begin):
    """The keys assigned directly in the block whose '{' ends at `begin`, not those of nested blocks."""
    depth = 1
    direct = []
    for position in range(begin, len(text)):
        character = text[position]
        if character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                break
            direct.append(";")  # A nested block ends a member as ';' does.
        elif depth == 1:
            direct.append(character)
    return re.findall(r"(?:^|;)\s*(\w+)\s*=", "".join(direct))


def check_names(tree, report):
    names = spec_names(tree.root)
    if not names:
        return
    word = re.compile(r"(?<!\w)(" + "|".join(sorted(map(re.escape, names))) + r")(?!\w)")
    for path, folder in tree.folder.items():
        if folder not in NAMELESS:
            continue
        text = tree.text[path]
        lines_of_includes = {line for line, _, _ in tree.includes(path)}
        for token in TOKEN.finditer(text):
            literal = token.group("raw") if token.group("raw") is not None else token.group("text")
            line = text.count("\n", 0, token.start()) + 1
            if literal is None or line in lines_of_includes:
                continue
            for name in word.findall(literal):
                origin = names[name].relative_to(tree.root)
                report(path, line, f"lib/{folder} names '{name}', which {origin} declares")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    here = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--root", type=pathlib.Path, default=here, help="the source tree (default: this one)")
    root = parser.parse_args().root.resolve()

    faults = []

    def report(path, line, message):
        faults.append((str(path.relative_to(root)), line, message))

    tree = Tree(root)
    if not tree.text:
        print(f"check_layering: no sources below {root}", file=sys.stderr)
        return 2
    check_order(tree, report)
    check_foreign(tree, report)
    check_names(tree, report)
    for path, line, message in sorted(set(faults)):
        print(f"{path}:{line}: error: {message}")
    print(f"check_layering: {len(tree.text)} files, {len(set(faults))} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
