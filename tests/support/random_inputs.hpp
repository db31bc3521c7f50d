#pragma once

#include <string>
#include <vector>

#include "engine/base/random.hpp"
#include "tests/support/runtime_samples.hpp"

namespace mpreg::testing {

/// Inputs of all kinds with drawn content: the samples with their numbers, texts and frames
/// replaced. A function of the seed.
class RandomInputs {
 public:
  explicit RandomInputs(std::uint64_t seed) : random_(seed, NodeId{1}) {}

  [[nodiscard]] Input next() {
    const auto samples = sample_inputs();
    Input input = samples[random_.below(Purpose::workload, samples.size())];
    if (auto* started = std::get_if<input::Started>(&input)) started->seed = bits();
    if (auto* up = std::get_if<input::LinkUp>(&input)) up->remote = text();
    if (auto* down = std::get_if<input::LinkDown>(&input)) *down = {LinkId{bits()}, text()};
    if (auto* failed = std::get_if<input::DialFailed>(&input)) *failed = {DialId{bits()}, text()};
    if (auto* received = std::get_if<input::Received>(&input))
      received->frame = Bytes::copy_of(text());
    if (auto* expired = std::get_if<input::Expired>(&input)) expired->timer.subject = bits();
    if (auto* fetched = std::get_if<input::Fetched>(&input))
      fetched->rows.push_back({text(), Bytes::copy_of(text())});
    if (auto* returned = std::get_if<input::Returned>(&input)) returned->outcome.message = text();
    if (auto* command = std::get_if<input::Command>(&input)) command->request = RequestId{bits()};
    return input;
  }

 private:
  /// Of every magnitude, so that every length of a variable-length number occurs.
  [[nodiscard]] std::uint64_t bits() {
    const std::uint64_t shift = random_.below(Purpose::workload, 64);
    return random_.bits(Purpose::workload) >> shift;
  }
  [[nodiscard]] std::string text() {
    std::string out(random_.below(Purpose::workload, 300), ' ');
    for (char& c : out) c = static_cast<char>(random_.below(Purpose::workload, 256));
    return out;
  }

  Random random_;
};

}  // namespace mpreg::testing
