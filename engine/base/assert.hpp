#pragma once

namespace mpreg {

/// Prints what was violated and where, then aborts. Never returns.
///
/// An assertion states a bug of ours; bytes from a peer, a disk or a person never reach one.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace mpreg

/// Always on, in every build: a broken invariant must stop the node before it speaks.
#define MPREG_ASSERT(condition)                                  \
  do {                                                           \
    if (!(condition)) [[unlikely]]                               \
      ::mpreg::assertion_failed(#condition, __FILE__, __LINE__); \
  } while (false)

/// Marks a place that no execution may reach.
#define MPREG_UNREACHABLE() ::mpreg::assertion_failed("unreachable", __FILE__, __LINE__)
