#include "sim/lab/shrink.hpp"

#include <optional>
#include <utility>

#include <pybind11/stl.h>

#include "bindings/python/core/callbacks.hpp"
#include "bindings/python/core/errors.hpp"
#include "bindings/python/core/world.hpp"

namespace mpreg::python {
namespace {

std::string text_of(const sim::Plan& plan) { return print(plan); }

/// Asks a function which of some plans, as texts, is the first that fails: its number from 0, -1
/// for none of them, None for enough. What it raises ends the search and comes out of it.
class PythonJudge final : public sim::lab::Judge {
 public:
  explicit PythonJudge(py::function function) : function_(std::move(function)) {}

  std::optional<std::size_t> first_failing(const std::vector<sim::Plan>& candidates) override {
    try {
      std::vector<std::string> texts;
      for (const sim::Plan& plan : candidates) texts.push_back(text_of(plan));
      const py::object answer = function_(texts);
      is_over_ = answer.is_none();
      if (is_over_) return std::nullopt;
      const auto index = answer.cast<std::int64_t>();
      if (index >= static_cast<std::int64_t>(candidates.size()))
        throw py::index_error("there is no such candidate");
      return index < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(index));
    } catch (...) {
      raised_.keep();
      is_over_ = true;
      return std::nullopt;
    }
  }
  bool is_over() const override { return is_over_; }
  void rethrow() { raised_.rethrow(); }

 private:
  py::function function_;
  Raised raised_;
  bool is_over_ = false;
};

std::string shrink(const std::string& name, const std::string& text, const std::string& check,
                   py::function judge) {
  const sim::Plan plan = value_of(sim::parse_plan(name, text));
  PythonJudge judging(std::move(judge));
  const sim::Plan small = sim::lab::shrink(plan, check, judging);
  judging.rethrow();
  return text_of(small);
}

}  // namespace

void add_shrink(py::module_& module) {
  module.def(
      "shrink", &shrink, py::arg("name"), py::arg("text"), py::arg("check"), py::arg("judge"),
      "A smaller plan; judge(texts) says which is the first that fails, -1 none, None enough.");
  module.def(
      "signature_of",
      [](const std::string& check, const std::string& detail) {
        return sim::signature_of({check, {}, 0, detail});
      },
      py::arg("check"), py::arg("detail"), "What tells a violation from others, numbers left out.");
}

}  // namespace mpreg::python
