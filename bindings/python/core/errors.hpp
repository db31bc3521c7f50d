#pragma once

#include <string>
#include <utility>

#include <pybind11/pybind11.h>

#include "engine/base/result.hpp"

namespace mpreg::python {

/// Results end here: what is wrong with an argument or a plan is a ValueError, anything else a
/// RuntimeError.
[[noreturn]] inline void raise(const Error& error) {
  if (error.code == Errc::malformed || error.code == Errc::invalid_argument)
    throw pybind11::value_error(error.message);
  throw std::runtime_error(error.message);
}
template <class T>
T value_of(Result<T>&& result) {
  if (!result) raise(result.error());
  return std::move(*result);
}
inline void check(const Status& status) {
  if (!status) raise(status.error());
}

}  // namespace mpreg::python
