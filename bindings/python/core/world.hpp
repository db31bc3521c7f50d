#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "bindings/python/core/callbacks.hpp"
#include "sim/history/history.hpp"
#include "sim/lab/live_world.hpp"

namespace mpreg::python {

/// A live world as Python holds it. Steps and plans are texts, times are nanoseconds, nodes are
/// numbers from 1; the package mpreg gives them their shapes.
///
/// One thread at a time. While the world runs the interpreter's lock is free; a second thread that
/// comes near gets a RuntimeError. Python code that is called meanwhile may look, not act.
class World {
 public:
  World(const std::string& name, const std::string& plan, std::uint64_t seed, bool has_history,
        const py::dict& functions);

  void step(const std::string& text);
  [[nodiscard]] std::string plan();
  [[nodiscard]] std::int64_t now();
  [[nodiscard]] bool has_begun();
  [[nodiscard]] bool is_over();
  [[nodiscard]] py::object planned_length();
  void begin();
  void run_to(std::int64_t nanos);
  void finish();

  void add_function(const std::string& name, py::object function);
  void add_checker(std::string name, When when, py::object function);
  void record_changes();
  [[nodiscard]] py::list take_changes();
  void violate(std::string check, std::uint32_t node, std::string detail);

  [[nodiscard]] std::uint32_t size();
  [[nodiscard]] std::uint32_t worker_count();
  [[nodiscard]] py::dict node(std::uint32_t number);
  [[nodiscard]] py::dict worker(std::uint32_t number);
  [[nodiscard]] py::list members(std::uint32_t number);
  [[nodiscard]] py::list records(std::uint32_t number, bool is_offered);
  [[nodiscard]] py::dict tables(std::uint32_t number);
  [[nodiscard]] py::list links(std::uint32_t number);
  [[nodiscard]] py::list pending(std::uint32_t number);
  [[nodiscard]] py::dict report();
  [[nodiscard]] py::dict faults();
  [[nodiscard]] py::dict coverage();
  [[nodiscard]] py::list violations();
  [[nodiscard]] py::object difference();
  [[nodiscard]] std::string artifact();
  /// A copy of what clients did and saw so far, or none.
  [[nodiscard]] std::shared_ptr<sim::History> history();

 private:
  /// Whoever looks. Requires the world not to run in another thread.
  sim::lab::LiveWorld& looking();
  /// Whoever acts. Requires the world not to run at all.
  sim::lab::LiveWorld& acting();
  /// Requires the world to have begun.
  const sim::World& begun();
  const sim::SimNode& up(std::uint32_t number);
  PythonHandlers handlers_of(const py::dict& functions);

  std::shared_ptr<sim::History> history_;
  Raised raised_;
  std::vector<SeenChange> changes_;
  PythonHandlers handlers_;
  sim::lab::LiveWorld live_;
  bool is_running_ = false;
  std::thread::id runner_;
};

void add_world(py::module_& module);
void add_history(py::module_& module);
void add_shrink(py::module_& module);

}  // namespace mpreg::python
