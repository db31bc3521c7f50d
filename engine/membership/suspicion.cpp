#include "engine/membership/suspicion.hpp"

#include <algorithm>
#include <bit>

namespace mpreg::membership {

std::uint64_t log2_thousandths(std::uint64_t value) {
  if (value < 2) return 0;
  const auto whole = static_cast<std::uint64_t>(std::bit_width(value)) - 1;
  // The mantissa as a fraction of 2^32 in [1, 2); squaring it yields one binary digit at a time.
  std::uint64_t mantissa = whole <= 32 ? value << (32 - whole) : value >> (whole - 32);
  std::uint64_t digits = 0;
  for (int i = 0; i < 16; ++i) {
    mantissa = (mantissa >> 1) * (mantissa >> 1) >> 30;
    digits <<= 1;
    if (mantissa >> 33 != 0) {
      digits |= 1;
      mantissa >>= 1;
    }
  }
  return whole * 1'000 + digits * 1'000 / 65'536;
}

Duration shortest_suspicion(Duration probe_interval, std::uint32_t multiplier, std::size_t live) {
  const std::uint64_t log10_thousandths = log2_thousandths(live) * 30'103 / 100'000;
  const std::uint64_t scale = std::max<std::uint64_t>(1'000, log10_thousandths);
  return probe_interval * multiplier * static_cast<std::int64_t>(scale) / 1'000;
}

std::uint32_t retransmit_max(std::uint32_t multiplier, std::size_t live) {
  // bit_width(n) is ceil(log2(n + 1)).
  return multiplier * std::max(1U, static_cast<std::uint32_t>(std::bit_width(live)));
}

Suspicion::Suspicion(Instant began, Duration shortest, Duration longest, std::uint32_t needed,
                     NodeId accuser)
    : began_(began),
      shortest_(shortest),
      longest_(std::max(shortest, longest)),
      needed_(needed),
      accusers_{accuser},
      not_before_(began) {}

bool Suspicion::confirm(NodeId accuser) {
  if (confirmations_ >= needed_) return false;
  if (std::find(accusers_.begin(), accusers_.end(), accuser) != accusers_.end()) return false;
  accusers_.push_back(accuser);
  ++confirmations_;
  return true;
}

bool Suspicion::confirm_fully() {
  if (confirmations_ >= needed_) return false;
  confirmations_ = needed_;
  return true;
}

void Suspicion::extend(Instant until) { not_before_ = std::max(not_before_, until); }

Instant Suspicion::deadline() const {
  Duration span = shortest_;
  if (confirmations_ < needed_) {
    const auto share = static_cast<std::int64_t>(log2_thousandths(confirmations_ + 1) * 1'000 /
                                                 log2_thousandths(needed_ + 1));
    span = longest_ - (longest_ - shortest_) / 1'000 * share;
  }
  return std::max(began_ + std::max(span, shortest_), not_before_);
}

}  // namespace mpreg::membership
