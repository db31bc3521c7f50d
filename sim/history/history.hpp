#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/base/time.hpp"

namespace mpreg::sim {

/// How an operation ended, as far as its client knows. Jepsen's words.
enum class Ending : std::uint8_t {
  info,  ///< Nobody knows: it may happen later, now or never. Also of one that is still open.
  ok,    ///< It happened.
  fail,  ///< It did not happen and never will.
};
[[nodiscard]] std::string_view name_of(Ending ending);

/// What an operation says or answers: nothing, a number, or several.
using Value = std::vector<std::int64_t>;

/// One operation of one client, from its invocation to its end.
struct Operation {
  /// Who asked. A process has one operation open at a time, and never another one after `info`:
  /// a client goes on under a new number.
  std::uint64_t process = 0;
  std::string key;       ///< Of the object; empty where there is only one.
  std::string function;  ///< "read", "write", "cas", or what the plane calls it.
  Value argument;
  Value result;       ///< Of `ok`.
  std::string error;  ///< Of the others, for people.
  Ending ending = Ending::info;
  Instant invoked;
  Instant ended;  ///< Instant::max() while it is open.
  /// Places in the order of all events: the order in which they happened, exact where two fell on
  /// the same moment.
  std::size_t invoked_at = 0;
  std::size_t ended_at = open_end;

  static constexpr std::size_t open_end = static_cast<std::size_t>(-1);
  [[nodiscard]] bool is_open() const { return ended_at == open_end; }
};

/// All that clients did and saw in a run, in order: what outside checkers judge it by.
///
/// Memory: grows with every operation; kept only where somebody asked for it.
class History {
 public:
  /// An operation begins under the smallest process number that is free; its place in operations().
  std::size_t invoke(Instant at, std::string key, std::string function, Value argument);
  /// The same under a number of the caller's. Errors: invalid_argument when that process has an
  /// operation open, or had one end with info.
  [[nodiscard]] Result<std::size_t> invoke_as(std::uint64_t process, Instant at, std::string key,
                                              std::string function, Value argument);
  /// Requires: the operation is open (asserted).
  void end(std::size_t operation, Instant at, Ending ending, Value result, std::string error = {});
  /// The open operation of a process.
  [[nodiscard]] std::optional<std::size_t> open_of(std::uint64_t process) const;

  [[nodiscard]] const std::vector<Operation>& operations() const { return operations_; }
  /// Invocations and ends.
  [[nodiscard]] std::size_t events() const { return order_.size(); }
  /// Visits all events in order as (operation, is_end).
  template <class Visit>
  void for_each_event(const Visit& visit) const {
    for (const Event& event : order_) visit(operations_[event.operation], event.is_end);
  }

 private:
  enum class Standing : std::uint8_t { free, busy, retired };
  struct Process {
    std::uint64_t number = 0;
    Standing standing = Standing::free;
    std::size_t operation = 0;
  };
  struct Event {
    std::size_t operation = 0;
    bool is_end = false;
  };
  [[nodiscard]] Process& process(std::uint64_t number);
  std::size_t begin(Process& process, Instant at, std::string key, std::string function,
                    Value argument);

  std::vector<Operation> operations_;
  std::vector<Event> order_;
  std::vector<Process> processes_;   ///< Ascending by number.
  std::vector<std::uint64_t> free_;  ///< Numbers that invoke() may give, a heap: the least first.
};

}  // namespace mpreg::sim
