//===- DataFixture.cpp - Files for tests of data --------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DataFixture.h"
#include "gtest/gtest.h"
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
// After <cstdio>, which it needs.
#include <jpeglib.h>

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

Image test::gradient(int64_t width, int64_t height) {
  Image image{width, height, {}};
  for (int64_t y = 0; y < height; ++y)
    for (int64_t x = 0; x < width; ++x)
      for (int64_t level : {x * 5, y * 7, (x + y) * 3})
        image.rgb.push_back(static_cast<uint8_t>(std::min<int64_t>(level, 255)));
  return image;
}

std::string test::encodeJpeg(const Image &image, int channels) {
  jpeg_compress_struct info;
  jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char *bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &bytes, &size);
  info.image_width = static_cast<JDIMENSION>(image.width);
  info.image_height = static_cast<JDIMENSION>(image.height);
  info.input_components = channels;
  info.in_color_space = channels == 3 ? JCS_RGB : channels == 1 ? JCS_GRAYSCALE : JCS_CMYK;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 95, TRUE);
  jpeg_start_compress(&info, TRUE);
  for (int64_t y = 0; y < image.height; ++y) {
    std::vector<JSAMPLE> row;
    for (int64_t x = 0; x < image.width; ++x)
      for (int c = 0; c < channels; ++c)
        row.push_back(image.rgb[static_cast<size_t>((y * image.width + x) * 3 + c % 3)]);
    JSAMPROW pointer = row.data();
    jpeg_write_scanlines(&info, &pointer, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  std::string out(reinterpret_cast<const char *>(bytes), size);
  std::free(bytes);
  return out;
}

std::string test::makeTar(const std::vector<std::pair<std::string, std::string>> &files) {
  constexpr size_t kBlock = 512;
  std::string tar;
  for (const auto &[name, contents] : files) {
    std::string header(kBlock, '\0');
    auto put = [&](size_t at, const std::string &text) { header.replace(at, text.size(), text); };
    auto octal = [](size_t value, int width) {
      char text[16];
      std::snprintf(text, sizeof text, "%0*zo", width, value);
      return std::string(text);
    };
    put(0, name);
    put(100, "0000644");
    put(108, "0000000");
    put(116, "0000000");
    put(124, octal(contents.size(), 11));
    put(136, "00000000000");
    put(148, "        ");
    put(156, "0");
    put(257, std::string("ustar\00000", 8));
    size_t sum = 0;
    for (unsigned char c : header)
      sum += c;
    put(148, octal(sum, 6) + std::string("\0 ", 2));
    tar += header + contents;
    tar.resize((tar.size() + kBlock - 1) / kBlock * kBlock, '\0');
  }
  return tar + std::string(2 * kBlock, '\0');
}

test::Pass test::readAll(Source &source) {
  Pass pass;
  for (int i = 0; i < 100000; ++i) {
    Next next = source.next();
    if (next.fault)
      pass.faults.push_back(next.fault->message);
    else if (!next.sample)
      return pass;
    else {
      pass.keys.push_back(next.sample->key);
      pass.samples.push_back(std::move(*next.sample));
    }
  }
  ADD_FAILURE() << "a pass without an end";
  return pass;
}
