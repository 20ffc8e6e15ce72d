//===- Manifest.cpp - What was emitted, and from which study --------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Manifest.h"
#include "Results/JsonText.h"

using namespace cat;
namespace json = llvm::json;

std::string emit::manifest(const std::vector<File> &files, const ManifestMembers &members,
                           const results::StudySummary &study, const std::string &identity,
                           const results::DesignRecord &design, const std::string &version) {
  return results::jsonText([&](json::OStream &out) {
    out.object([&] {
      out.attribute("schema", "catc.manifest/1");
      out.attribute("design", design.id.str());
      out.attribute("study", study.name);
      out.attribute("study_identity", identity);
      out.attribute("seed", study.seed);
      out.attribute("strategy", study.strategy);
      out.attribute("catc_version", version);
      out.attributeArray("files", [&] {
        for (const File &file : files)
          out.object([&] {
            out.attribute("name", file.name);
            out.attribute("bytes", file.bytes);
            out.attribute("sha256", file.sha256);
          });
      });
      for (const auto &[key, write] : members) {
        out.attributeBegin(key);
        write(out);
        out.attributeEnd();
      }
    });
  });
}
