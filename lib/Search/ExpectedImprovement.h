//===- ExpectedImprovement.h - Expected excess of a normal over a level -*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With h(z) = phi(z) + z Phi(z), the expected excess of a ~ N(mu, s^2) over t is
//   psi(t) = E[max(a - t, 0)] = s h((mu - t) / s)
// (Mockus 1975; Jones, Schonlau and Welch 1998). log h stays finite where h underflows (Ament et
// al., NeurIPS 2023).
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SEARCH_EXPECTEDIMPROVEMENT_H
#define CATC_SEARCH_EXPECTEDIMPROVEMENT_H

namespace cat::search {

/// ln h(z), to about 1e-12 absolute below -1 and relative above, for all finite z.
double logH(double z);

/// psi(t) for a ~ N(mu, sigma^2); sigma may be 0.
double expectedExcess(double mu, double sigma, double t);

} // namespace cat::search

#endif // CATC_SEARCH_EXPECTEDIMPROVEMENT_H
