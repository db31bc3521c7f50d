#pragma once

#include <exception>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pybind11/pybind11.h>

#include "sim/world.hpp"

namespace mpreg::python {

namespace py = pybind11;

/// The first exception that Python code raised while the simulator ran. It waits here until the
/// simulator has returned: no exception passes through the engine.
class Raised {
 public:
  [[nodiscard]] bool is_set() const { return error_ != nullptr; }
  /// Requires: an exception is being handled.
  void keep() {
    if (!error_) error_ = std::current_exception();
  }
  /// Requires: the interpreter's lock is held.
  void rethrow() {
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  }

 private:
  std::exception_ptr error_;
};

/// When a checker written in Python is called.
enum class When : std::uint8_t { quiet, turn, end };

/// A checker written in Python: `function(node)`, 0 where no node is meant. What it returns, a text
/// or several, and what an assert says are violations. The function must not hold the world: Python
/// cannot see a circle that goes through here.
class PythonChecker final : public sim::Checker {
 public:
  PythonChecker(std::string name, When when, py::object function, Raised& raised)
      : name_(std::move(name)), when_(when), function_(std::move(function)), raised_(raised) {}
  ~PythonChecker() override {
    const py::gil_scoped_acquire lock;
    function_ = py::object();
  }
  PythonChecker(const PythonChecker&) = delete;
  PythonChecker& operator=(const PythonChecker&) = delete;

  void quiet(sim::World& world) override {
    if (when_ == When::quiet) call(world, 0);
  }
  void turn(sim::World& world, std::uint32_t node) override { call(world, node); }
  [[nodiscard]] bool wants_turns() const override { return when_ == When::turn; }
  void end(sim::World& world) override {
    if (when_ == When::end) call(world, 0);
  }

 private:
  void call(sim::World& world, std::uint32_t node);
  /// Requires: an assertion of the function is being handled.
  void report_assertion(sim::World& world, std::uint32_t node, const py::handle& assertion);

  std::string name_;
  When when_;
  py::object function_;  ///< Called with the number of a node, or 0.
  Raised& raised_;
};

/// Functions served in Python: `function(name, left, right, place, nanoseconds)` returns bytes.
/// What it raises is the answer handler_failed; what is no Exception (an interrupt of the user, an
/// exit) comes out of the run. The function must not hold the world.
class PythonHandlers final : public sim::Handlers {
 public:
  explicit PythonHandlers(Raised& raised) : raised_(raised) {}
  void add(const std::string& name, py::object function) { functions_[name] = std::move(function); }
  [[nodiscard]] bool has(std::string_view name) const override { return functions_.contains(name); }
  [[nodiscard]] runtime::Outcome serve(std::string_view name, const sim::Argument& argument,
                                       std::uint32_t place, Instant now) override;

 private:
  Raised& raised_;
  std::map<std::string, py::object, std::less<>> functions_;
};

/// A node's view of a member that changed.
struct SeenChange {
  Instant at;
  std::uint32_t observer = 0;
  event::MemberChanged change;
};

/// Writes down every change of a member until somebody takes them.
class ChangeLog final : public sim::Checker {
 public:
  explicit ChangeLog(std::vector<SeenChange>& changes) : changes_(changes) {}
  void member_changed(sim::World& world, std::uint32_t node,
                      const event::MemberChanged& change) override {
    changes_.push_back({world.now(), node, change});
  }

 private:
  std::vector<SeenChange>& changes_;
};

}  // namespace mpreg::python
