#include "engine/base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace mpreg {

void assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "mpreg: assertion failed: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace mpreg
