//===- Quantity.h - Physical quantities as types ----------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A Quantity is a double whose dimension is part of its type: products and quotients derive theirs,
// sums of unlike quantities do not compile. Base units: second, millimetre, joule, kilogram CO2e,
// byte, operation.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SUPPORT_QUANTITY_H
#define CATC_SUPPORT_QUANTITY_H

namespace cat {

/// A value of dimension s^T mm^L J^E kgCO2e^C B^D op^O.
template <int T, int L, int E, int C, int D, int O> class Quantity {
public:
  constexpr Quantity() = default;
  constexpr explicit Quantity(double value) : value_(value) {}

  /// The value in base units.
  constexpr double value() const { return value_; }

  constexpr Quantity operator-() const { return Quantity(-value_); }
  constexpr Quantity &operator+=(Quantity o) { return value_ += o.value_, *this; }
  constexpr Quantity &operator-=(Quantity o) { return value_ -= o.value_, *this; }
  constexpr Quantity &operator*=(double k) { return value_ *= k, *this; }

  friend constexpr Quantity operator+(Quantity a, Quantity b) {
    return Quantity(a.value_ + b.value_);
  }
  friend constexpr Quantity operator-(Quantity a, Quantity b) {
    return Quantity(a.value_ - b.value_);
  }
  friend constexpr Quantity operator*(Quantity a, double k) { return Quantity(a.value_ * k); }
  friend constexpr Quantity operator*(double k, Quantity a) { return Quantity(k * a.value_); }
  friend constexpr Quantity operator/(Quantity a, double k) { return Quantity(a.value_ / k); }
  friend constexpr bool operator==(Quantity a, Quantity b) { return a.value_ == b.value_; }
  friend constexpr bool operator!=(Quantity a, Quantity b) { return a.value_ != b.value_; }
  friend constexpr bool operator<(Quantity a, Quantity b) { return a.value_ < b.value_; }
  friend constexpr bool operator<=(Quantity a, Quantity b) { return a.value_ <= b.value_; }
  friend constexpr bool operator>(Quantity a, Quantity b) { return a.value_ > b.value_; }
  friend constexpr bool operator>=(Quantity a, Quantity b) { return a.value_ >= b.value_; }

private:
  double value_ = 0;
};

template <int T, int L, int E, int C, int D, int O, int T2, int L2, int E2, int C2, int D2, int O2>
constexpr auto operator*(Quantity<T, L, E, C, D, O> a, Quantity<T2, L2, E2, C2, D2, O2> b) {
  return Quantity<T + T2, L + L2, E + E2, C + C2, D + D2, O + O2>(a.value() * b.value());
}

template <int T, int L, int E, int C, int D, int O, int T2, int L2, int E2, int C2, int D2, int O2>
constexpr auto operator/(Quantity<T, L, E, C, D, O> a, Quantity<T2, L2, E2, C2, D2, O2> b) {
  return Quantity<T - T2, L - L2, E - E2, C - C2, D - D2, O - O2>(a.value() / b.value());
}

using Seconds = Quantity<1, 0, 0, 0, 0, 0>;
using Hertz = Quantity<-1, 0, 0, 0, 0, 0>;
using Millimetres = Quantity<0, 1, 0, 0, 0, 0>;
using SquareMillimetres = Quantity<0, 2, 0, 0, 0, 0>;
using PerSquareMillimetre = Quantity<0, -2, 0, 0, 0, 0>;
using SquareMillimetresPerByte = Quantity<0, 2, 0, 0, -1, 0>;
using Joules = Quantity<0, 0, 1, 0, 0, 0>;
using JoulesPerByte = Quantity<0, 0, 1, 0, -1, 0>;
using JoulesPerSquareMillimetre = Quantity<0, -2, 1, 0, 0, 0>;
using Watts = Quantity<-1, 0, 1, 0, 0, 0>;
using WattsPerByte = Quantity<-1, 0, 1, 0, -1, 0>;
using WattsPerSquareMillimetre = Quantity<-1, -2, 1, 0, 0, 0>;
using KilogramsCO2e = Quantity<0, 0, 0, 1, 0, 0>;
/// Grid or fab carbon intensity, kgCO2e per joule.
using CarbonIntensity = Quantity<0, 0, -1, 1, 0, 0>;
using KilogramsCO2ePerSquareMillimetre = Quantity<0, -2, 0, 1, 0, 0>;
using KilogramsCO2ePerByte = Quantity<0, 0, 0, 1, -1, 0>;
using Bytes = Quantity<0, 0, 0, 0, 1, 0>;
using BytesPerSecond = Quantity<-1, 0, 0, 0, 1, 0>;
using Operations = Quantity<0, 0, 0, 0, 0, 1>;
using OperationsPerSecond = Quantity<-1, 0, 0, 0, 0, 1>;

} // namespace cat

#endif // CATC_SUPPORT_QUANTITY_H
