//===- Worker.h - The evaluator's side of the protocol ----------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EVAL_TORCH_WORKER_H
#define CATC_EVAL_TORCH_WORKER_H

#include "Channel.h"

namespace cat::torcheval {

/// Answers requests (docs/evaluator.md) until the channel ends. A request that cannot be carried
/// out, for whatever reason, is answered with an error, and the next one is served.
void serve(Channel &channel);

} // namespace cat::torcheval

#endif // CATC_EVAL_TORCH_WORKER_H
