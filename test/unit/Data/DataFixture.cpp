//===- DataFixture.cpp - Files for tests of data --------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DataFixture.h"
#include "gtest/gtest.h"
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace cat::data;
namespace fs = std::filesystem;

std::optional<std::string> test::findReference(const std::string &name) {
  const char *folder = std::getenv("CATC_REFS");
  std::string path = std::string(folder ? folder : CATC_DEFAULT_REFS) + "/" + name;
  return fs::exists(path) ? std::optional<std::string>(path) : std::nullopt;
}

std::string test::readFile(const std::string &path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

test::TemporaryFolder::TemporaryFolder() {
  path_ = (fs::temp_directory_path() / "catc-data-XXXXXX").string();
  EXPECT_TRUE(mkdtemp(path_.data()));
}

test::TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string test::TemporaryFolder::write(const std::string &name, std::string_view contents) const {
  fs::path path = fs::path(path_) / name;
  fs::create_directories(path.parent_path());
  std::ofstream out(path, std::ios::binary);
  out << contents;
  EXPECT_TRUE(out) << path;
  return path.string();
}
