#include "sim/latency.hpp"

#include <array>
#include <bit>

namespace mpreg::sim {
namespace {

__extension__ typedef unsigned __int128 Wide;

constexpr std::uint64_t million = 1'000'000;  ///< Factors are counted in millionths.
constexpr std::uint64_t ln2 = 693'147;
/// log2(1 + i / 16) and 2^(i / 16) in millionths; linear between them.
constexpr std::array<std::uint64_t, 17> log2_table = {
    0,       87'463,  169'925, 247'928, 321'928, 392'317, 459'432, 523'562,  584'963,
    643'856, 700'440, 754'888, 807'355, 857'981, 906'891, 954'196, 1'000'000};
constexpr std::array<std::uint64_t, 17> exp2_table = {
    1'000'000, 1'044'274, 1'090'508, 1'138'789, 1'189'207, 1'241'858,
    1'296'840, 1'354'256, 1'414'214, 1'476'826, 1'542'211, 1'610'490,
    1'681'793, 1'756'252, 1'834'008, 1'915'207, 2'000'000};

/// The table at a place in [0, million).
std::uint64_t interpolated(const std::array<std::uint64_t, 17>& table, std::uint64_t place) {
  const std::uint64_t scaled = place * 16;
  const std::uint64_t index = scaled / million;
  return table[index] + (table[index + 1] - table[index]) * (scaled % million) / million;
}

/// -ln(u) for u uniform in (0, 1]: the leading zeros are its whole part to the base 2.
std::uint64_t exponential_factor(std::uint64_t bits) {
  if (bits == 0) return 64 * ln2;
  const auto zeros = static_cast<std::uint64_t>(std::countl_zero(bits));
  const std::uint64_t mantissa = zeros == 63 ? 0 : bits << (zeros + 1);
  const auto fraction = static_cast<std::uint64_t>((static_cast<Wide>(mantissa) * million) >> 64);
  return ((zeros + 1) * million - interpolated(log2_table, fraction)) * ln2 / million;
}

/// 2^z, where z is nearly normal: the sum of eight uniform bytes has mean 1020, deviation 209.
std::uint64_t lognormal_factor(std::uint64_t bits) {
  std::int64_t sum = 0;
  for (unsigned byte = 0; byte < 8; ++byte)
    sum += static_cast<std::int64_t>((bits >> (8 * byte)) & 0xff);
  constexpr std::uint64_t shift = 8;  // z is not below -5: makes the exponent positive
  const auto exponent = static_cast<std::uint64_t>((sum - 1020) * 1'000'000 / 209 +
                                                   static_cast<std::int64_t>(shift * million));
  return (interpolated(exp2_table, exponent % million) << (exponent / million)) >> shift;
}

Duration scaled(Duration spread, std::uint64_t factor) {
  return Duration{static_cast<std::int64_t>(static_cast<Wide>(spread.nanos) * factor / million)};
}

}  // namespace

std::optional<LatencyShape> latency_shape_named(std::string_view name) {
  if (name == "uniform") return LatencyShape::uniform;
  if (name == "constant") return LatencyShape::constant;
  if (name == "exponential") return LatencyShape::exponential;
  if (name == "lognormal") return LatencyShape::lognormal;
  return std::nullopt;
}

Duration drawn_delay(LatencyShape shape, Duration spread, std::uint64_t bits) {
  if (spread.nanos <= 0) return {};
  switch (shape) {
    case LatencyShape::constant:
      return spread;
    case LatencyShape::exponential:
      return scaled(spread, exponential_factor(bits));
    case LatencyShape::lognormal:
      return scaled(spread, lognormal_factor(bits));
    case LatencyShape::uniform:
      break;
  }
  const auto width = static_cast<std::uint64_t>(spread.nanos) + 1;
  return Duration{static_cast<std::int64_t>((static_cast<Wide>(bits) * width) >> 64)};
}

}  // namespace mpreg::sim
