//===- Torch.h - What catc-eval-torch sees of libtorch ----------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Precompiled: libtorch's headers take longer to read than all of this program takes to compile.
// Only what Debian's libtorch 1.13 and current ones have in common is used.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EVAL_TORCH_TORCH_H
#define CATC_EVAL_TORCH_TORCH_H

#include <torch/optim/adamw.h>
#include <torch/serialize.h>
#include <torch/types.h>
#include <torch/utils.h>

#endif // CATC_EVAL_TORCH_TORCH_H
