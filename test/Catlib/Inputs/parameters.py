# Counts the parameters of a model from its bound graph, as `catc compile --to nn` prints it, on standard input.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import re
import sys


def shapes(line):
    """Shapes of the tensors in an op's type, operands first."""
    return [[int(n) for n in re.findall(r"(\d+)x", t)] for t in re.findall(r"tensor<([^>]*)>", line)]


def attribute(line, name):
    return int(re.search(rf"\b{name} = (\d+)", line).group(1))


total, repeat = 0, 1
for line in sys.stdin:
    op = re.search(r"\bnn\.(\w+)", line)
    name = op.group(1) if op else ""
    if name == "repeat":
        repeat = int(re.search(r"times\((\d+)", line).group(1))
    elif repeat > 1 and line.strip() == "}":
        repeat = 1
    elif name == "patch_embed":
        total += attribute(line, "width") * shapes(line)[0][1] * attribute(line, "patch") ** 2
    elif name == "token_embed":
        total += attribute(line, "vocab") * attribute(line, "width")
    elif name == "class_token":
        total += shapes(line)[0][2]
    elif name == "position_embed":
        total += shapes(line)[0][1] * shapes(line)[0][2]
    elif name == "layer_norm":
        total += repeat * 2 * shapes(line)[0][-1]
    elif name == "linear":
        rows, columns = shapes(line)[0][-1], attribute(line, "features")
        total += repeat * (rows * columns + ("{bias," in line) * columns)
    elif name == "similarity":
        total += 1  # the scale of the logits
print(total)
