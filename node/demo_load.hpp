#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "engine/base/random.hpp"
#include "node/client/connection.hpp"

namespace mpreg::node {

/// Keeps a number of idempotent calls in flight and judges every answer.
///
/// Each call waits some milliseconds at its worker and must bring the number back that it took
/// along. A call that is answered is followed by the next one until stop().
class DemoLoad {
 public:
  struct Counts {
    std::uint64_t asked = 0;
    std::uint64_t right = 0;     ///< Answered correctly, the first time.
    std::uint64_t repeated = 0;  ///< Answers to calls that had one.
    std::uint64_t in_flight = 0;
    std::string first_failure;  ///< Of the calls that were not answered correctly.
  };

  /// The connection must outlive the load.
  DemoLoad(Connection& connection, std::uint32_t in_flight, std::uint64_t seed);

  void start();
  void stop();
  [[nodiscard]] bool await_answers(std::uint64_t count, std::chrono::milliseconds patience);
  bool await_idle(std::chrono::milliseconds patience);
  [[nodiscard]] Counts counts() const;

 private:
  void ask();
  void judge(std::uint64_t number, std::uint64_t expected, const runtime::Outcome& outcome);

  Connection& connection_;
  const std::uint32_t in_flight_;
  Random random_;
  mutable std::mutex mutex_;
  Counts counts_;
  std::vector<bool> is_answered_;  ///< By call number.
  bool is_stopping_ = false;
};

}  // namespace mpreg::node
