#include "engine/wire/envelope_codec.hpp"

#include <algorithm>

namespace mpreg::wire::detail {

std::size_t words(const Envelope& envelope) {
  MPREG_ASSERT(envelope.hop_budget <= limits::hop_budget_max);
  return struct_words<schema::Envelope> + text_words(envelope.topic, limits::topic_bytes_max) +
         ids_words(envelope.routing_path.size(), limits::path_max) +
         ids_words(envelope.federation_path.size(), limits::path_max);
}

void write(const Envelope& envelope, schema::Envelope::Builder out) {
  out.setId(envelope.id.value);
  out.setCorrelation(envelope.correlation);
  out.setSourceCluster(envelope.source_cluster.value);
  out.setTargetCluster(envelope.target_cluster.value);
  out.setSource(envelope.source.value);
  out.setTarget(envelope.target.value);
  out.setDeadlineNanos(deadline_nanos(envelope.deadline));
  out.setTraceHigh(envelope.trace.trace_high);
  out.setTraceLow(envelope.trace.trace_low);
  out.setSpan(envelope.trace.span);
  out.setKind(static_cast<schema::Kind>(envelope.kind));
  out.setDelivery(static_cast<schema::Delivery>(envelope.delivery));
  out.setPriority(static_cast<schema::Priority>(envelope.priority));
  out.setHopBudget(envelope.hop_budget);
  if (!envelope.topic.empty()) out.setTopic(as_text(envelope.topic));
  if (const auto size = static_cast<unsigned>(envelope.routing_path.size()); size != 0)
    write_ids(envelope.routing_path, out.initRoutingPath(size));
  if (const auto size = static_cast<unsigned>(envelope.federation_path.size()); size != 0)
    write_ids(envelope.federation_path, out.initFederationPath(size));
}

Envelope read(schema::Envelope::Reader in, Reading& reading) {
  Envelope out;
  out.id = MessageId{in.getId()};
  out.kind = Reading::known_or(in.getKind(), Kind::data, Kind::data);
  // A promise that we do not know is refused, never quietly weakened.
  out.delivery = reading.known(in.getDelivery(), Delivery::quorum, "delivery");
  out.priority = Reading::known_or(in.getPriority(), Priority::bulk, Priority::normal);
  out.correlation = in.getCorrelation();
  out.source_cluster = ClusterId{in.getSourceCluster()};
  out.target_cluster = ClusterId{in.getTargetCluster()};
  out.source = NodeId{in.getSource()};
  out.target = NodeId{in.getTarget()};
  out.hop_budget = std::min(in.getHopBudget(), limits::hop_budget_max);
  out.deadline = reading.span(in.getDeadlineNanos(), "deadline");
  out.trace.trace_high = in.getTraceHigh();
  out.trace.trace_low = in.getTraceLow();
  out.trace.span = in.getSpan();
  reading.text(in.getTopic(), limits::topic_bytes_max, "topic", out.topic);
  out.routing_path = reading.ids<NodeId>(in.getRoutingPath(), limits::path_max, "routing_path");
  out.federation_path =
      reading.ids<ClusterId>(in.getFederationPath(), limits::path_max, "federation_path");
  return out;
}

}  // namespace mpreg::wire::detail
