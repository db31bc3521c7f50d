#include "engine/base/errc.hpp"

namespace mpreg {

std::string_view describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "ok";
    case Errc::malformed:
      return "malformed";
    case Errc::too_large:
      return "too_large";
    case Errc::unsupported_version:
      return "unsupported_version";
    case Errc::wrong_cluster:
      return "wrong_cluster";
    case Errc::wrong_key:
      return "wrong_key";
    case Errc::duplicate_node:
      return "duplicate_node";
    case Errc::stale_incarnation:
      return "stale_incarnation";
    case Errc::self_connection:
      return "self_connection";
    case Errc::not_authenticated:
      return "not_authenticated";
    case Errc::timeout:
      return "timeout";
    case Errc::cancelled:
      return "cancelled";
    case Errc::function_not_found:
      return "function_not_found";
    case Errc::no_route:
      return "no_route";
    case Errc::peer_lost:
      return "peer_lost";
    case Errc::overloaded:
      return "overloaded";
    case Errc::shutting_down:
      return "shutting_down";
    case Errc::handler_failed:
      return "handler_failed";
    case Errc::invalid_argument:
      return "invalid_argument";
    case Errc::conflict:
      return "conflict";
    case Errc::hop_budget_exhausted:
      return "hop_budget_exhausted";
    case Errc::loop_detected:
      return "loop_detected";
    case Errc::not_permitted:
      return "not_permitted";
    case Errc::not_found:
      return "not_found";
    case Errc::unavailable:
      return "unavailable";
    case Errc::corrupt:
      return "corrupt";
    case Errc::internal:
      return "internal";
    case Errc::not_leader:
      return "not_leader";
  }
  return "unknown";  // a code of a newer peer
}

bool is_retryable(Errc code) {
  switch (code) {
    case Errc::timeout:
    case Errc::no_route:
    case Errc::peer_lost:
    case Errc::overloaded:
    case Errc::shutting_down:
    case Errc::function_not_found:  // the catalog may learn of a provider
    case Errc::unavailable:
    case Errc::not_leader:      // the group elects another one
    case Errc::duplicate_node:  // the rival may be dying
      return true;
    default:
      return false;
  }
}

bool is_not_executed(Errc code) {
  switch (code) {
    case Errc::function_not_found:
    case Errc::no_route:
    case Errc::overloaded:
    case Errc::shutting_down:
    case Errc::hop_budget_exhausted:
    case Errc::loop_detected:
    case Errc::not_permitted:
    case Errc::not_authenticated:
    case Errc::not_leader:
      return true;
    default:
      return false;
  }
}

}  // namespace mpreg
