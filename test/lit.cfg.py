# lit's configuration: what is a test, which tools it runs, and what else is installed.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import os
import shutil
import subprocess
import sys

import lit.formats
from lit.llvm import llvm_config

config.name = "catc"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".cat", ".test"]
config.excludes = ["Inputs", "unit", "benchmark", "CMakeLists.txt"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.catc_obj_root, "test")

llvm_config.with_system_environment(
    ["HOME", "TMP", "TEMP", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS"]
)

llvm_config.use_default_substitutions()  # FileCheck, not, count
llvm_config.add_tool_substitutions(
    ["catc", "catc-eval-torch", "catc-onnx", "cat-opt", "cat-run", "split-file"],
    [config.catc_tools_dir, config.llvm_tools_dir],
)

# The standard library as the tools of the build tree find it, the specs shipped with the project, and its scripts.
config.substitutions.append(("%catlib", os.path.join(config.catc_obj_root, "share/catc/catlib")))
config.substitutions.append(("%examples", os.path.join(config.catc_src_root, "examples")))
config.substitutions.append(("%scripts", os.path.join(config.catc_src_root, "scripts")))
config.substitutions.append(("%python", sys.executable))
config.substitutions.append(("%hw", os.path.join(config.catc_src_root, "hw")))
config.substitutions.append(("%rtl_cases", os.path.join(config.catc_tools_dir, "RtlCases")))
config.substitutions.append(("%vector_cases", os.path.join(config.catc_tools_dir, "VectorCases")))
config.substitutions.append(("%int8_errors", os.path.join(config.catc_tools_dir, "Int8Errors")))

# The default target leaves the benchmarks out.
search_quality = os.path.join(config.catc_tools_dir, "SearchQuality")
if os.path.exists(search_quality):
    config.available_features.add("search-quality")
    config.substitutions.append(("%search_quality", search_quality))
else:
    lit_config.note("benchmarks not found: tests that require search-quality do not run")

cost_validation = os.path.join(config.catc_tools_dir, "CostValidation")
if os.path.exists(cost_validation):
    config.available_features.add("cost-validation")
    config.substitutions.append(("%cost_validation", cost_validation))
config.substitutions.append(("%rtl", os.path.join(config.catc_src_root, "hw/rtl")))

# Optional tools and data are features: a test that needs one says REQUIRES, and what is missing is named.
for tool in ["verilator", "iverilog", "yosys", "chromium"]:
    if shutil.which(tool):
        config.available_features.add(tool)
    else:
        lit_config.note("%s not found: tests that require it do not run" % tool)

# Python packages that no Debian has; CATC_PYTHON may name an interpreter that has them.
python = os.environ.get("CATC_PYTHON") or sys.executable
config.substitutions.append(("%integration_python", python))
config.substitutions.append(("%catc_onnx", os.path.join(config.catc_tools_dir, "catc-onnx")))
for feature, modules in [
    ("onnxruntime", "numpy, onnxruntime"),
    ("open-clip", "torch, open_clip, onnxruntime"),
    ("scalesim", "scalesim, numpy; assert int(numpy.__version__.split('.')[0]) < 2"),
    ("fusesoc", "fusesoc"),
]:
    if subprocess.run([python, "-c", "import " + modules], capture_output=True, check=False).returncode == 0:
        config.available_features.add(feature)
    else:
        lit_config.note("Python cannot import %s: tests that require %s do not run" % (modules, feature))

eval_torch = os.path.join(config.catc_tools_dir, "catc-eval-torch")
if os.path.exists(eval_torch):
    config.available_features.add("eval-torch")
    config.substitutions.append(("%eval_torch", eval_torch))
    # One thread a worker, as catc starts them.
    for name in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"]:
        config.environment.setdefault(name, "1")
else:
    lit_config.note("catc-eval-torch not found (libtorch): tests that require eval-torch do not run")

refs = os.environ.get("CATC_REFS") or config.catc_default_refs
if os.path.isdir(refs):
    config.available_features.add("catc-refs")
    config.environment["CATC_REFS"] = refs
    config.substitutions.append(("%refs", refs))
else:
    lit_config.note("reference data not found (CATC_REFS): tests that require catc-refs do not run")

# Tests that take minutes and gigabytes, which the target check-long asks for.
if lit_config.params.get("long"):
    config.available_features.add("long")

if config.catc_sanitize:
    config.available_features.add("sanitize")
