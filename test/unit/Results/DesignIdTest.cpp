//===- DesignIdTest.cpp - Identity of a design ----------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Results/DesignId.h"
#include <gtest/gtest.h>

using cat::results::DesignId;

TEST(DesignId, IsTheMixedRadixIndex) {
  DesignId id = DesignId::of(1071874, 3239, 3240);
  EXPECT_EQ(id.str(), "3472874999"); // 1,071,875 models x 3,240 hardware points, the last
  EXPECT_EQ(id.model(3240), 1071874);
  EXPECT_EQ(id.hardware(3240), 3239);
  EXPECT_LT(DesignId::of(1, 3239, 3240), DesignId::of(2, 0, 3240));
}

TEST(DesignId, IsExactBeyondSixtyFourBits) {
  DesignId id = DesignId::of(INT64_MAX, 2147483646, 2147483647);
  EXPECT_EQ(id.str(), "19807040619342712361531211775"); // 2^63 (2^31 - 1) - 1
  EXPECT_FALSE(id.narrow());
  EXPECT_EQ(DesignId::parse(id.str()), id);
  EXPECT_EQ(id.model(2147483647), INT64_MAX);
  EXPECT_EQ(id.hardware(2147483647), 2147483646);
}

TEST(DesignId, ParsesDigitsAlone) {
  EXPECT_EQ(DesignId::parse("0"), DesignId(0));
  EXPECT_EQ(DesignId::parse("18446744073709551615")->narrow(), UINT64_MAX);
  EXPECT_EQ(DesignId::parse("340282366920938463463374607431768211455")->str(),
            "340282366920938463463374607431768211455");
  for (const char *bad :
       {"", "-1", "+1", " 1", "1 ", "1.0", "0x10", "knee",
        "340282366920938463463374607431768211456", "9999999999999999999999999999999999999999"})
    EXPECT_FALSE(DesignId::parse(bad)) << bad;
}
