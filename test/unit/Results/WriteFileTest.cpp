//===- WriteFileTest.cpp - All-or-nothing file output ---------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Results/WriteFile.h"
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace cat::results;
namespace fs = std::filesystem;

namespace {

class WriteFile : public testing::Test {
protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "catc-write-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder = name;
  }
  void TearDown() override {
    fs::permissions(folder, fs::perms::owner_all);
    fs::remove_all(folder);
  }

  std::string read(const fs::path &path) {
    std::string text;
    EXPECT_EQ(readFile(path, text), std::nullopt);
    return text;
  }
  size_t entries() {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
  }

  fs::path folder;
};

} // namespace

TEST_F(WriteFile, ReplacesAFileWhole) {
  fs::path path = folder / "a.json";
  EXPECT_EQ(writeFile(path, "one"), std::nullopt);
  std::string big(3 << 20, 'x');
  EXPECT_EQ(writeFile(path, big), std::nullopt);
  EXPECT_EQ(read(path), big);
  EXPECT_EQ(entries(), 1u);
}

TEST_F(WriteFile, TakesAFileInPartsAndKeepsItOnlyOnceCommitted) {
  fs::path path = folder / "a.json";
  ASSERT_EQ(writeFile(path, "old"), std::nullopt);
  {
    FileWriter dropped(path);
    dropped.append("ne");
    EXPECT_EQ(entries(), 2u);
  }
  EXPECT_EQ(read(path), "old");
  EXPECT_EQ(entries(), 1u);
  FileWriter kept(path);
  kept.append("ne");
  kept.append("");
  kept.append("w");
  EXPECT_EQ(read(path), "old");
  EXPECT_EQ(kept.commit(), std::nullopt);
  EXPECT_EQ(read(path), "new");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(WriteFile, FollowsLinks) {
  fs::path target = folder / "target", link = folder / "link";
  ASSERT_EQ(writeFile(target, "old"), std::nullopt);
  fs::create_symlink(target, link);
  EXPECT_EQ(writeFile(link, "new"), std::nullopt);
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(read(target), "new");
}

TEST_F(WriteFile, NamesTheFileWhenTheDeviceIsFull) {
  if (!fs::exists("/dev/full"))
    GTEST_SKIP() << "no /dev/full here";
  EXPECT_EQ(writeFile("/dev/full", "text"), "cannot write '/dev/full': No space left on device");
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST_F(WriteFile, NamesTheFileWhenTheFolderIsMissing) {
  fs::path path = folder / "missing" / "a.csv";
  EXPECT_EQ(writeFile(path, "text"),
            "cannot write '" + path.string() + "': No such file or directory");
  EXPECT_EQ(writeFile(folder, "text"), "cannot write '" + folder.string() + "': Is a directory");
  std::string text;
  EXPECT_EQ(readFile(path, text), "cannot read '" + path.string() + "': No such file or directory");
  EXPECT_EQ(readFile(folder, text), "cannot read '" + folder.string() + "': Is a directory");
}

/// Runs `body` in a child process and returns its exit status.
template <typename Body> static int inChild(Body body) {
  pid_t child = ::fork();
  if (child == 0)
    ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

TEST_F(WriteFile, KeepsTheOldFileWhereItMayNotWrite) {
  fs::path path = folder / "a.json";
  ASSERT_EQ(writeFile(path, "old"), std::nullopt);
  fs::permissions(folder, fs::perms(0555));
  int status = inChild([&] {
    constexpr uid_t kNobody = 65534;
    // The superuser may write anywhere.
    if (::geteuid() == 0 && ::seteuid(kNobody) != 0)
      return 77;
    return writeFile(path, "new") == "cannot write '" + path.string() + "': Permission denied" ? 0
                                                                                               : 1;
  });
  fs::permissions(folder, fs::perms::owner_all);
  if (status == 77)
    GTEST_SKIP() << "cannot give up the superuser's rights here";
  EXPECT_EQ(status, 0);
  EXPECT_EQ(read(path), "old");
}

TEST_F(WriteFile, KeepsTheOldFileWhenWritingFailsHalfway) {
  fs::path path = folder / "a.json";
  ASSERT_EQ(writeFile(path, "old"), std::nullopt);
  int status = inChild([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    return writeFile(path, std::string(5000, 'x')) ==
                   "cannot write '" + path.string() + "': File too large"
               ? 0
               : 1;
  });
  EXPECT_EQ(status, 0);
  EXPECT_EQ(read(path), "old");
  EXPECT_EQ(entries(), 1u); // the temporary file is gone
}
