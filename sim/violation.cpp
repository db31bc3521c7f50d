#include "sim/violation.hpp"

#include <algorithm>
#include <string_view>

namespace mpreg::sim {

std::string signature_of(const Violation& violation) {
  std::string text = violation.check + ": ";
  std::string_view rest = violation.detail;
  rest = rest.substr(0, rest.find(": "));
  while (!rest.empty()) {
    if (rest.front() < '0' || rest.front() > '9') {
      text += rest.front();
      rest.remove_prefix(1);
      continue;
    }
    rest.remove_prefix(std::min(rest.find_first_not_of("0123456789."), rest.size()));
    for (const std::string_view unit : {"ns", "us", "ms", "s"}) {
      if (!rest.starts_with(unit)) continue;
      rest.remove_prefix(unit.size());
      break;
    }
    text += '#';
  }
  return text;
}

}  // namespace mpreg::sim
