#include "engine/rpc/selection.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace mpreg::rpc {

namespace {

/// True when the first is to be asked before the second, load and place aside.
bool is_better(const Provider& a, const Provider& b, ClusterId own, bool is_any_version) {
  const bool a_is_foreign = a.cluster != own;
  const bool b_is_foreign = b.cluster != own;
  if (a_is_foreign != b_is_foreign) return b_is_foreign;
  if (a.cluster != b.cluster) return a.cluster < b.cluster;
  if (is_any_version && a.version.is_pre_release() != b.version.is_pre_release())
    return b.version.is_pre_release();
  return a.version > b.version;
}

}  // namespace

wire::FunctionSelector exact_selector(const wire::FunctionRecord& function) {
  wire::FunctionSelector selector;
  selector.name = function.name;
  selector.function_id = function.function_id;
  selector.constraint = "=" + function.version;
  selector.resources = function.resources;
  return selector;
}

Candidates rank(std::vector<Provider> providers, ClusterId own, bool is_any_version) {
  std::stable_sort(providers.begin(), providers.end(), [&](const Provider& a, const Provider& b) {
    if (is_better(a, b, own, is_any_version)) return true;
    if (is_better(b, a, own, is_any_version)) return false;
    return std::tie(a.node, a.function->function_id, a.function->resources) <
           std::tie(b.node, b.function->function_id, b.function->resources);
  });
  Candidates candidates;
  std::vector<const wire::FunctionRecord*> functions;
  const Provider* previous = nullptr;
  std::uint32_t current = 0;
  for (const Provider& provider : providers) {
    if (candidates.list.size() == Candidates::size_max) break;
    if (previous != nullptr && is_better(*previous, provider, own, is_any_version)) {
      ++current;
    } else if (previous != nullptr && previous->node == provider.node) {
      continue;
    }
    previous = &provider;
    const auto known =
        std::find_if(functions.begin(), functions.end(),
                     [&](const wire::FunctionRecord* one) { return *one == *provider.function; });
    const auto function = static_cast<std::uint32_t>(known - functions.begin());
    if (known == functions.end()) {
      functions.push_back(provider.function);
      candidates.functions.push_back(exact_selector(*provider.function));
    }
    candidates.list.push_back({provider.node, current, function});
  }
  return candidates;
}

bool may_fail_over(Errc code, bool is_idempotent) {
  if (is_not_executed(code)) return true;
  if (!is_idempotent) return false;
  return code == Errc::peer_lost || code == Errc::timeout || code == Errc::unavailable;
}

bool may_pause_and_retry(Errc code) {
  switch (code) {
    case Errc::no_route:
    case Errc::peer_lost:
    case Errc::shutting_down:
    case Errc::function_not_found:
    case Errc::unavailable:
    case Errc::timeout:
      return true;
    default:
      return false;  // an overload is not helped by asking again
  }
}

}  // namespace mpreg::rpc
