//===- Png.cpp - Decode and encode PNG ------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data/Image.h"
#include "Support/Check.h"
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <png.h>

using namespace cat;
using namespace cat::data;

namespace {

constexpr png_uint_32 kMaxSide = 1 << 20;
constexpr png_alloc_size_t kMaxChunk = 16 << 20; ///< of what stands beside the picture

/// libpng reports by a jump. No object with a destructor is made between setjmp and what may jump.
class PngDecoder {
public:
  explicit PngDecoder(std::string_view bytes) : rest_(bytes) {
    png_ = png_create_read_struct(
        PNG_LIBPNG_VER_STRING, this,
        [](png_structp png, png_const_charp why) {
          auto self = static_cast<PngDecoder *>(png_get_error_ptr(png));
          std::snprintf(self->text_, sizeof self->text_, "%s", why);
          png_longjmp(png, 1);
        },
        [](png_structp, png_const_charp) {});
    CATC_CHECK(png_, "libpng is the version that was compiled for");
  }
  PngDecoder(const PngDecoder &) = delete;
  ~PngDecoder() { png_destroy_read_struct(&png_, &info_, nullptr); }

  bool decode(Image &image) {
    if (setjmp(png_jmpbuf(png_)))
      return false;
    info_ = png_create_info_struct(png_);
    png_set_user_limits(png_, kMaxSide, kMaxSide);
    png_set_chunk_malloc_max(png_, kMaxChunk);
    png_set_read_fn(png_, this, [](png_structp png, png_bytep out, size_t length) {
      auto self = static_cast<PngDecoder *>(png_get_io_ptr(png));
      if (length > self->rest_.size())
        png_error(png, "ends early");
      std::memcpy(out, self->rest_.data(), length);
      self->rest_.remove_prefix(length);
    });
    png_read_info(png_, info_);
    image.width = png_get_image_width(png_, info_);
    image.height = png_get_image_height(png_, info_);
    if (image.width * image.height > kMaxPixels)
      png_error(png_, "a picture of more than 178956970 pixels");
    png_set_expand(png_); // palettes to RGB, fewer bits to eight
    png_set_strip_16(png_);
    png_set_strip_alpha(png_);
    png_set_gray_to_rgb(png_);
    int passes = png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    size_t stride = static_cast<size_t>(image.width) * 3;
    if (png_get_rowbytes(png_, info_) != stride)
      png_error(png_, "a picture whose rows are not RGB");
    image.rgb.resize(stride * static_cast<size_t>(image.height));
    for (int pass = 0; pass < passes; ++pass)
      for (int64_t y = 0; y < image.height; ++y)
        png_read_row(png_, image.rgb.data() + static_cast<size_t>(y) * stride, nullptr);
    png_read_end(png_, nullptr);
    return true;
  }

  const char *error() const { return text_; }

private:
  std::string_view rest_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  char text_[256] = "out of memory";
};

} // namespace

Result<Image> data::decodePng(std::string_view bytes) {
  PngDecoder decoder(bytes);
  Image image;
  if (!decoder.decode(image))
    return Fault{std::string("PNG: ") + decoder.error()};
  return image;
}

std::string data::encodePng(const Image &image) {
  png_image header = {};
  header.version = PNG_IMAGE_VERSION;
  header.width = static_cast<png_uint_32>(image.width);
  header.height = static_cast<png_uint_32>(image.height);
  header.format = PNG_FORMAT_RGB;
  png_alloc_size_t size = 0;
  std::string bytes;
  // First the size, then the bytes.
  if (!png_image_write_to_memory(&header, nullptr, &size, 0, image.rgb.data(), 0, nullptr))
    return {};
  bytes.resize(size);
  if (!png_image_write_to_memory(&header, bytes.data(), &size, 0, image.rgb.data(), 0, nullptr))
    return {};
  bytes.resize(size);
  return bytes;
}
