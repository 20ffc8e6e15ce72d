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
//    "files": [{"name", "bytes", "sha256"}], and what targets tell}
// "study_identity" is the hash of the space IR that was searched; "catc_version" that of the
// emitting tool.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EMIT_MANIFEST_H
#define CATC_EMIT_MANIFEST_H

#include "Emit/Folder.h"
#include "Results/Records.h"
#include "llvm/Support/JSON.h"
#include <functional>
#include <utility>

namespace cat::emit {

/// Members of manifest.json that a target adds: a key, and what writes its value.
using ManifestMembers =
    std::vector<std::pair<std::string, std::function<void(llvm::json::OStream &)>>>;

/// Text of manifest.json for `files`, with `members` at its end.
std::string manifest(const std::vector<File> &files, const ManifestMembers &members,
                     const results::StudySummary &study, const std::string &identity,
                     const results::DesignRecord &design, const std::string &version);

} // namespace cat::emit

#endif // CATC_EMIT_MANIFEST_H
