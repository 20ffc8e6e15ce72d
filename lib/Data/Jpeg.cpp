//===- Jpeg.cpp - Decode JPEG ---------------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data/Image.h"
#include <csetjmp>
#include <cstdio>
// After <cstdio>, which they need.
#include <jerror.h>
#include <jpeglib.h>

using namespace cat;
using namespace cat::data;

namespace {

/// A progressive file may repeat scans at will, each as slow as a picture.
constexpr int kMaxScans = 200;

/// libjpeg reports by a jump. No object with a destructor is made between setjmp and what may jump.
class JpegDecoder {
public:
  JpegDecoder() {
    info_.err = jpeg_std_error(&errors_.base);
    errors_.base.error_exit = [](j_common_ptr info) { fail(info); };
    errors_.base.emit_message = [](j_common_ptr info, int level) {
      // A warning tells of lost pixels, but for those about what stands beside the picture.
      int code = info->err->msg_code;
      if (level < 0 && code != JWRN_EXTRANEOUS_DATA && code != JWRN_JFIF_MAJOR &&
          code != JWRN_ADOBE_XFORM && code != JWRN_NOT_SEQUENTIAL)
        fail(info);
    };
    progress_.progress_monitor = [](j_common_ptr info) {
      if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > kMaxScans) {
        std::snprintf(errorsOf(info)->text, sizeof errorsOf(info)->text, "more than %d scans",
                      kMaxScans);
        std::longjmp(errorsOf(info)->jump, 1);
      }
    };
  }
  JpegDecoder(const JpegDecoder &) = delete;
  ~JpegDecoder() {
    if (created_)
      jpeg_destroy_decompress(&info_);
  }

  bool decode(std::string_view bytes, Image &image) {
    if (setjmp(errors_.jump))
      return false;
    jpeg_create_decompress(&info_);
    created_ = true;
    info_.progress = &progress_;
    jpeg_mem_src(&info_, reinterpret_cast<const unsigned char *>(bytes.data()), bytes.size());
    jpeg_read_header(&info_, TRUE);
    if (info_.jpeg_color_space == JCS_CMYK || info_.jpeg_color_space == JCS_YCCK)
      return refuse("a CMYK picture, which is not read: convert it to RGB");
    if (int64_t(info_.image_width) * info_.image_height > kMaxPixels)
      return refuse("a picture of more than 178956970 pixels");
    info_.out_color_space = JCS_RGB;
    jpeg_start_decompress(&info_);
    image.width = info_.output_width;
    image.height = info_.output_height;
    size_t stride = static_cast<size_t>(image.width) * 3;
    image.rgb.resize(stride * static_cast<size_t>(image.height));
    while (info_.output_scanline < info_.output_height) {
      JSAMPROW row = image.rgb.data() + info_.output_scanline * stride;
      jpeg_read_scanlines(&info_, &row, 1);
    }
    jpeg_finish_decompress(&info_);
    return true;
  }

  const char *error() const { return errors_.text; }

private:
  struct Errors {
    jpeg_error_mgr base; ///< first, so that libjpeg's pointer is ours
    std::jmp_buf jump;
    char text[JMSG_LENGTH_MAX + 32];
  };

  static Errors *errorsOf(j_common_ptr info) { return reinterpret_cast<Errors *>(info->err); }
  [[noreturn]] static void fail(j_common_ptr info) {
    Errors *errors = errorsOf(info);
    errors->base.format_message(info, errors->text);
    std::longjmp(errors->jump, 1);
  }
  bool refuse(const char *why) {
    std::snprintf(errors_.text, sizeof errors_.text, "%s", why);
    return false;
  }

  jpeg_decompress_struct info_ = {};
  jpeg_progress_mgr progress_ = {};
  Errors errors_ = {};
  bool created_ = false;
};

} // namespace

Result<Image> data::decodeJpeg(std::string_view bytes) {
  JpegDecoder decoder;
  Image image;
  if (!decoder.decode(bytes, image))
    return Fault{std::string("JPEG: ") + decoder.error()};
  return image;
}
