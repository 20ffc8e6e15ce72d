#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes docs/int8.md: the arithmetic of the INT8 machine, and how far it is from real functions.

usage: scripts/int8_docs.py [--errors build/bin/Int8Errors] [--out docs/int8.md]
"""
import argparse
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIMIT = 0.75  # Steps: what test/unit/Int8 holds every row function to.

TEXT = """# INT8 arithmetic

Written by `scripts/int8_docs.py`; do not edit by hand. `lib/Int8` is the one definition of the numbers: the reference that makes golden
vectors calls it, and `hw/rtl` equals it bit for bit (`test/integration/vector-unit.test`, on random work with extreme values). All of it is
integer functions of integers; only the functions that derive parameters from real scales compute with real numbers.

An activation q stands for scale x (q - zero point), per tensor; weights are symmetric with a scale for each output channel (Jacob et al. 2018,
arXiv 1712.05877). `round` rounds to the nearest, halves up; `clampN` clamps to N bits, signed; >> rounds down.

| function | definition | where |
|---|---|---|
| requantise | x = clamp16(round((sum + bias) x 2^(22 - shift))), y = clamp8((x m + 2^21 >> 22) + zero point) | `Requantize.h` |
| GELU, QuickGELU, ReLU | table of 256 entries, each the nearest to the real value | `Pointwise.h` |
| add | y = clamp8(a ma + b mb + offset >> 11) | `Pointwise.h` |
| softmax | e = 2^(-(max - q) step), sum = M 2^k, R = floor((2^31 - 1) / M), u = round(round(e 2^(4 - k)) R / 2^19) | `Rows.h` |
| layer norm | c = n q - sum(q), D = n sum(q^2) - sum(q)^2 + epsilon = M 4^k, R = floor((2^31 - 1) / floor(sqrt(M))), u = round(round(c 2^(-k - 3)) R / 2^19) | `Rows.h` |
| L2 norm | as layer norm with sum(q) = 0 and D from q less the input's zero point | `Rows.h` |

Softmax and the norms end in y = clamp8(u gain + offset 2^9 + 2^15 >> 16) with 16-bit gain and offset, of each column for the norms.

* **Requantisation** normalises the sum to 16 bits before it multiplies, so a 16 x 16 multiplier does, and the second shift is a constant. Up to a
  shift of 22 it is exactly ((sum + bias) m + 2^(shift - 1)) >> shift; above, the bits dropped first move a result by less than 2^-7 of a step.
  The clamp to 16 bits never shows, because multipliers have their top bit set: it is reached only where the result saturates too.
* **Softmax** takes distances from the row's maximum, which are whole steps of 0 .. 255, so the input's zero point does not matter. The
  exponential reduces its range to a power of two and a fraction like I-BERT's (Kim et al. 2021, arXiv 2101.01321), with 16 linear pieces in place of
  the polynomial: a small table and an 8 x 11 multiplier. It sums 24 bits behind the point.
* **Norms** multiply by the row's length instead of dividing by it: c and D are exact, so the mean is not rounded, and the input's scale and (for layer
  norm) zero point drop out but for epsilon, which is n^2 epsilon / scale^2. Square root and reciprocal are digit by digit, two digits a cycle. The
  normalised value has 9 bits behind the point and saturates at 64, which only one outlier in more than 4096 columns can pass.
* **Rows** have up to 65535 columns in `lib/Int8` (no sum overflows); the hardware's row buffer sets its own limit.

## Error

In steps of the output, against the function in double precision of the same quantised input. An ideal result is off by 0.5 at most, and by 0.25 on
average where results are spread out; `other` is the share of results that are not the nearest. Rows are normal, quantised so that four standard
deviations reach the ends.

{errors}

## The vector unit's stream

`hw/rtl/catc_vector.sv` has V lanes and takes groups of V bytes: 16 bytes of constants, padded to whole groups; for a norm, for each V columns, the low
bytes of their gains, the high bytes, and the same of their offsets; for a pointwise function its table; then the rows, each padded to whole groups.
The groups of an add alternate between its operands. `lib/Int8/VectorStream.h` writes it. Results are rows of whole groups, zeros behind the last column.

With G = ceil(columns / V) and l = log2 V, and where neither reader nor writer holds it back, a row follows the one before after

| function | cycles | of them |
|---|---|---|
| softmax | 2 G + l + 16 | exponentials G, to their sum l + 6, reciprocal 10, results G; the next row loads meanwhile |
| layer norm, L2 norm | G + 21 | root and reciprocal 21, results G; the next row loads meanwhile |
| pointwise | G | |
| add | 2 G | |

`lib/Cost/RowModelVector.h` has the cycles exactly, for any reader and writer, and the closed form of the search.
"""


def measure(program):
    """The records that the program prints."""
    try:
        output = subprocess.run([program], stdout=subprocess.PIPE, check=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise SystemExit(f"int8_docs: {program} does not run ({error}); build the target Int8Errors") from error
    return [json.loads(line) for line in output.splitlines()]


def table(records):
    lines = ["| function | input | results | worst | mean | other |", "|---|---|--:|--:|--:|--:|"]
    for r in records:
        if not r["worst"] <= LIMIT:
            raise SystemExit(f"int8_docs: {r['function']} of {r['input']} is off by {r['worst']} steps; the limit is {LIMIT}")
        lines.append(
            f"| {r['function']} | {r['input']} | {r['results']:,} | {r['worst']:.3f} | {r['mean']:.3f} | {100 * r['other']:.2f} % |"
        )
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--errors", type=pathlib.Path, default=ROOT / "build/bin/Int8Errors", help="the program that measures")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "docs/int8.md", help="the page")
    options = parser.parse_args()
    records = measure(options.errors)
    options.out.write_text(TEXT.format(errors=table(records)), encoding="utf-8")
    print(f"int8_docs: {len(records)} rows, at most {max(r['worst'] for r in records):.3f} steps off")
    return 0


if __name__ == "__main__":
    sys.exit(main())
