#include "engine/session/link.hpp"

namespace mpreg::session {

std::string_view describe(Stage stage) {
  switch (stage) {
    case Stage::opening:
      return "opening";
    case Stage::greeting:
      return "greeting";
    case Stage::proving:
      return "proving";
    case Stage::waiting:
      return "waiting";
    case Stage::established:
      return "established";
    case Stage::spare:
      return "spare";
  }
  return "unknown";
}

}  // namespace mpreg::session
