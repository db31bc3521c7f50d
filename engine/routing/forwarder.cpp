#include "engine/routing/forwarder.hpp"

#include <algorithm>

#include "engine/base/limits.hpp"

namespace mpreg::routing {
namespace {

Hop drop(Errc why) {
  Hop hop;
  hop.verdict = Verdict::drop;
  hop.why = why;
  return hop;
}

}  // namespace

Hop decide(const wire::Envelope& envelope, NodeId self, ClusterId cluster,
           const runtime::LinkTable& links) {
  if (is_for(envelope, self)) return {};
  if (std::ranges::find(envelope.routing_path, self) != envelope.routing_path.end())
    return drop(Errc::loop_detected);
  if (envelope.hop_budget == 0 || envelope.routing_path.size() >= limits::path_max)
    return drop(Errc::hop_budget_exhausted);
  const LinkId link = links.find(envelope.target);
  if (link.is_none()) return drop(Errc::no_route);

  Hop hop;
  hop.verdict = Verdict::forward;
  hop.link = link;
  hop.envelope = envelope;
  --hop.envelope.hop_budget;
  hop.envelope.routing_path.push_back(self);
  auto& clusters = hop.envelope.federation_path;
  if ((clusters.empty() || clusters.back() != cluster) && clusters.size() < limits::path_max)
    clusters.push_back(cluster);
  return hop;
}

}  // namespace mpreg::routing
