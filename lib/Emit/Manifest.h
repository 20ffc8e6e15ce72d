//===- Manifest.h - What was emitted, and from which study ------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// manifest.json (schema "catc.manifest/1"):
//   {"schema", "design": "decimal text", "study", "study_identity", "seed", "strategy",
//   "catc_version",
//    "files": [{"name", "bytes", "sha256"}],
//    "weights": {"file", "loadable_by_openclip", "padded_heads": [{"where", "heads", "head_dim",
//    "padded_heads", "padded_head_dim"}], "obstacles": [{"where", "reason"}]}}
// "weights" is left out where none were emitted. "study_identity" is the hash of the space IR that
// was searched; "catc_version" that of the emitting tool.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EMIT_MANIFEST_H
#define CATC_EMIT_MANIFEST_H

#include "Emit/OpenClip.h"
#include "Results/Records.h"

namespace cat::emit {

/// Text of manifest.json for `files`, and for the weights among them.
std::string manifest(const std::vector<File> &files, const std::optional<WeightsReport> &weights,
                     const results::StudySummary &study, const std::string &identity,
                     const results::DesignRecord &design, const std::string &version);

} // namespace cat::emit

#endif // CATC_EMIT_MANIFEST_H
