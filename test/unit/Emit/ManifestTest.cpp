//===- ManifestTest.cpp - What a folder of emitted files says of itself ---===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Manifest.h"
#include "EmitFixture.h"
#include "gtest/gtest.h"

using namespace cat;
using namespace cat::emit;

namespace {

TEST(ManifestTest, NamesTheStudyAndTheDesign) {
  results::StudySummary study;
  study.name = "a \"quoted\" name";
  study.seed = UINT64_MAX; // the whole range of seeds survives
  study.strategy = "greybox";
  results::DesignRecord design;
  design.id = results::DesignId::of(INT64_MAX, 4, 5); // more than 64 bits
  auto object = parseObject(manifest({}, {}, study, "0123abcd", design, "1.2.3"));
  EXPECT_EQ(textAt(object, "schema"), "catc.manifest/1");
  EXPECT_EQ(textAt(object, "study"), study.name);
  EXPECT_EQ(object.get("seed")->getAsUINT64(), UINT64_MAX);
  EXPECT_EQ(textAt(object, "strategy"), "greybox");
  EXPECT_EQ(textAt(object, "design"), "46116860184273879039");
  EXPECT_EQ(textAt(object, "study_identity"), "0123abcd");
  EXPECT_EQ(textAt(object, "catc_version"), "1.2.3");
  EXPECT_TRUE(arrayAt(object, "files").empty());
}

TEST(ManifestTest, TargetsAddMembers) {
  ManifestMembers members;
  members.emplace_back("one", [](llvm::json::OStream &out) { out.value(1); });
  members.emplace_back("list",
                       [](llvm::json::OStream &out) { out.array([&] { out.value("x"); }); });
  auto object = parseObject(manifest({}, members, {}, "", {}, ""));
  EXPECT_EQ(integerAt(object, "one"), 1);
  EXPECT_EQ(arrayAt(object, "list").size(), 1u);
}

TEST(ManifestTest, TellsEachFilesSizeAndDigest) {
  // The digests are those of FIPS 180-2, appendix B.1, and of no bytes at all.
  auto object = parseObject(
      manifest({File::of("abc.txt", "abc"), File::of("empty", "")}, {}, {}, "", {}, ""));
  const llvm::json::Array &files = arrayAt(object, "files");
  ASSERT_EQ(files.size(), 2u);
  const llvm::json::Object &abc = *files[0].getAsObject(), &empty = *files[1].getAsObject();
  EXPECT_EQ(textAt(abc, "name"), "abc.txt");
  EXPECT_EQ(integerAt(abc, "bytes"), 3);
  EXPECT_EQ(textAt(abc, "sha256"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(textAt(empty, "name"), "empty");
  EXPECT_EQ(integerAt(empty, "bytes"), 0);
  EXPECT_EQ(textAt(empty, "sha256"),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

} // namespace
