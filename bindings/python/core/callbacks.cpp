#include "bindings/python/core/callbacks.hpp"

namespace mpreg::python {
namespace {

void report(sim::World& world, const std::string& name, std::uint32_t node,
            const py::handle& found) {
  if (found.is_none()) return;
  if (py::isinstance<py::str>(found)) return world.violate(name, node, found.cast<std::string>());
  if (!py::isinstance<py::list>(found) && !py::isinstance<py::tuple>(found))
    throw py::type_error("checker '" + name +
                         "': expected None, a text or a list of texts, found " +
                         std::string(py::str(py::type::of(found))));
  for (const py::handle& one : found) report(world, name, node, one);
}

}  // namespace

void PythonChecker::call(sim::World& world, std::uint32_t node) {
  if (raised_.is_set() || !function_) return;
  const py::gil_scoped_acquire lock;
  try {
    report(world, name_, node, function_(node));
  } catch (py::error_already_set& error) {
    if (!error.matches(PyExc_AssertionError)) return raised_.keep();
    const std::string said = py::str(error.value());
    world.violate(name_, node, said.empty() ? "an assertion failed" : said);
  } catch (...) {
    raised_.keep();
  }
}

runtime::Outcome PythonHandlers::serve(std::string_view name, const sim::Argument& argument,
                                       std::uint32_t place, Instant now) {
  runtime::Outcome outcome;
  outcome.content_type = "text/plain";
  const py::gil_scoped_acquire lock;
  try {
    const py::object answer = functions_.find(name)->second(py::str(name), argument.left,
                                                            argument.right, place, now.nanos);
    outcome.payload = Bytes::copy_of(answer.cast<std::string>());
  } catch (const std::exception& error) {
    outcome.code = Errc::handler_failed;
    outcome.message = error.what();
    outcome.message.resize(std::min(outcome.message.find('\n'), outcome.message.size()));
  }
  return outcome;
}

}  // namespace mpreg::python
