#include "sim/lab/settling.hpp"

#include <bit>

namespace mpreg::sim::lab {

Duration suspicion_of(const Settling& terms) {
  std::int64_t digits = 1;  // log10, rounded up
  for (std::uint32_t rest = terms.members / 10; rest > 0; rest /= 10) ++digits;
  return terms.probe * terms.suspicion_multiplier * digits;
}

Duration settling_time(const Settling& terms) {
  const auto rounds = static_cast<std::int64_t>(std::bit_width(terms.members));
  Duration sum = terms.path_break + terms.dial_timeout;  // a silent path is given up, and dialled
  sum = sum + terms.dial_backoff / 4 * 5;                // one dial at its longest pause
  sum = sum + terms.grace + terms.redial / 4 * 5;        // a dead member is tried
  sum = sum + suspicion_of(terms);                       // one that is under way
  sum = sum + terms.probe * (rounds * 2);                // the news, and what refutes it
  sum = sum + terms.probe * 2;                           // verification
  sum = sum + terms.gossip * (terms.is_full_mesh ? 4 : 4 + 2 * rounds);
  return sum + (terms.latency + terms.jitter) * 20;
}

Duration with_margin(Duration time) { return seconds((time * 3 / 2).millis() / 1'000 + 1); }

}  // namespace mpreg::sim::lab
