//===- Case.cpp - One run of the hardware, with what it should give -------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rtl/Case.h"

using namespace cat;
using namespace cat::rtl;

static const char Digits[] = "0123456789abcdef";

static std::string hex(uint32_t value) {
  std::string text;
  do
    text.insert(text.begin(), Digits[value % 16]);
  while (value /= 16);
  return text;
}

void MemoryImage::write(std::ostream &out, const char *kind, char absent) const {
  for (const auto &[address, bytes] : words) {
    out << kind << ' ' << hex(static_cast<uint32_t>(address)) << ' ';
    for (size_t i = bytes.size(); i-- > 0;) {
      if (bytes[i] == Absent)
        out << absent << absent;
      else
        out << Digits[bytes[i] >> 4] << Digits[bytes[i] & 15];
    }
    out << '\n';
  }
}

void Case::write(std::ostream &out) const {
  out << "case " << name << " 0\n";
  for (unsigned i = 0; i < NumDescriptorWords; ++i)
    out << "register " << hex(DescriptorRegisters + i) << ' ' << hex(descriptor[i]) << '\n';
  if (hasTable)
    for (unsigned i = 0; i < 64; ++i) {
      uint32_t word = 0;
      for (unsigned byte = 0; byte < 4; ++byte)
        word |= static_cast<uint32_t>(static_cast<uint8_t>(table[4 * i + byte])) << 8 * byte;
      out << "register " << hex(TableRegisters + i) << ' ' << hex(word) << '\n';
    }
  buffer.write(out, "buffer", '0');
  dram.write(out, "dram", '0');
  expectedBuffer.write(out, "expect-buffer", 'x');
  expectedDram.write(out, "expect-dram", 'x');
  out << "run 0 0\n";
}
