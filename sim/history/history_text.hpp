#pragma once

#include <string>

#include "sim/history/history.hpp"

namespace mpreg::sim {

/// A history for outside checkers, one line an event, in order. Times in nanoseconds.
///
/// JSON lines: {"index":0,"process":0,"type":"invoke","f":"write","key":"x","value":3,"time":12};
/// "type" is invoke, ok, fail or info; "value" is null, a number or a list; fail and info may have
/// an "error". An operation that is still open has no second line.
[[nodiscard]] std::string json_lines(const History& history);

/// The same in Jepsen's vocabulary: {:index 0, :process 0, :type :invoke, :f :write, :value ["x"
/// 3], :time 12}. The value is a pair of key and value, or the value alone where there is no key.
[[nodiscard]] std::string edn(const History& history);

}  // namespace mpreg::sim
