#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

#include "engine/base/errc.hpp"

namespace mpreg {

/// Why an operation failed: a code for programs and a sentence for people.
struct Error {
  Errc code = Errc::internal;
  std::string message;  ///< Names what was wrong and where; never a stack trace.

  friend bool operator==(const Error&, const Error&) = default;
};

/// A value or the reason there is none. Dropping one is a compiler warning.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

/// An operation that yields nothing but may fail.
using Status = Result<void>;

/// Builds the failed form of any Result.
[[nodiscard]] inline tl::unexpected<Error> fail(Errc code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

}  // namespace mpreg

#define MPREG_CONCAT_INNER(a, b) a##b
#define MPREG_CONCAT(a, b) MPREG_CONCAT_INNER(a, b)

/// Evaluates a Result; on failure returns it from the enclosing function, else binds the value.
#define MPREG_TRY(declaration, expression)                                                       \
  auto MPREG_CONCAT(result_, __LINE__) = (expression);                                           \
  if (!MPREG_CONCAT(result_, __LINE__))                                                          \
    return ::tl::unexpected<::mpreg::Error>(std::move(MPREG_CONCAT(result_, __LINE__)).error()); \
  declaration = std::move(*MPREG_CONCAT(result_, __LINE__))

/// Evaluates a Status; on failure returns it from the enclosing function.
#define MPREG_CHECK(expression)                                                        \
  do {                                                                                 \
    auto status_ = (expression);                                                       \
    if (!status_) return ::tl::unexpected<::mpreg::Error>(std::move(status_).error()); \
  } while (false)
