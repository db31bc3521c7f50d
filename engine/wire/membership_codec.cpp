#include "engine/wire/membership_codec.hpp"

namespace mpreg::wire::detail {
namespace {

std::size_t updates_words(const std::vector<MemberUpdate>& updates, std::size_t count_max) {
  return list_words(updates, count_max, [](const MemberUpdate& update) { return words(update); });
}

template <class Builder>
void write_updates(const std::vector<MemberUpdate>& updates, Builder out) {
  if (const auto size = static_cast<unsigned>(updates.size()); size != 0)
    write_list(updates, out.initUpdates(size),
               [](const MemberUpdate& update, auto item) { write(update, item); });
}

template <class Reader>
std::vector<MemberUpdate> read_updates(Reader in, std::size_t count_max, Reading& reading) {
  return reading.list<MemberUpdate>(in.getUpdates(), count_max, "updates");
}

/// A reason that a newer version invented is still a departure.
GoodbyeReason read_reason(schema::GoodbyeReason reason) {
  return Reading::known_or(reason, GoodbyeReason::manual_removal, GoodbyeReason::graceful_shutdown);
}

}  // namespace

std::size_t words(const MemberUpdate& update) {
  return struct_words<schema::MemberUpdate> + text_words(update.name, limits::name_bytes_max) +
         texts_words(update.addresses, limits::member_addresses_max, limits::address_bytes_max);
}
std::size_t words(const Ping& ping) {
  return struct_words<schema::Ping> + updates_words(ping.updates, limits::piggyback_max);
}
std::size_t words(const Ack& ack) {
  return struct_words<schema::Ack> + updates_words(ack.updates, limits::piggyback_max);
}
std::size_t words(const PingRequest& request) {
  return struct_words<schema::PingRequest> + updates_words(request.updates, limits::piggyback_max);
}
std::size_t words(const Nack&) { return struct_words<schema::Nack>; }
std::size_t words(const MemberSync& sync) {
  return struct_words<schema::MemberSync> + updates_words(sync.updates, limits::member_sync_max);
}
std::size_t words(const Goodbye&) { return struct_words<schema::Goodbye>; }

void write(const MemberUpdate& update, schema::MemberUpdate::Builder out) {
  out.setNode(update.node.value);
  out.setIncarnation(update.incarnation.value);
  out.setReporter(update.reporter.value);
  out.setCluster(update.cluster.value);
  out.setRefutation(update.refutation);
  out.setState(static_cast<schema::MemberState>(update.state));
  out.setReason(static_cast<schema::GoodbyeReason>(update.reason));
  if (!update.name.empty()) out.setName(as_text(update.name));
  if (const auto size = static_cast<unsigned>(update.addresses.size()); size != 0)
    write_texts(update.addresses, out.initAddresses(size));
}
void write(const Ping& ping, schema::Ping::Builder out) {
  out.setSequence(ping.sequence);
  out.setMembersHash(ping.members_hash);
  write_updates(ping.updates, out);
}
void write(const Ack& ack, schema::Ack::Builder out) {
  out.setSequence(ack.sequence);
  out.setSubject(ack.subject.value);
  out.setMembersHash(ack.members_hash);
  write_updates(ack.updates, out);
}
void write(const PingRequest& request, schema::PingRequest::Builder out) {
  out.setSequence(request.sequence);
  out.setSubject(request.subject.value);
  write_updates(request.updates, out);
}
void write(const Nack& nack, schema::Nack::Builder out) {
  out.setSequence(nack.sequence);
  out.setSubject(nack.subject.value);
}
void write(const MemberSync& sync, schema::MemberSync::Builder out) {
  out.setMembersHash(sync.members_hash);
  out.setFrom(sync.from.value);
  out.setTo(sync.to.value);
  out.setIsRequest(sync.is_request);
  write_updates(sync.updates, out);
}
void write(const Goodbye& goodbye, schema::Goodbye::Builder out) {
  out.setIncarnation(goodbye.incarnation.value);
  out.setRefutation(goodbye.refutation);
  out.setReason(static_cast<schema::GoodbyeReason>(goodbye.reason));
}

MemberUpdate read(schema::MemberUpdate::Reader in, Reading& reading) {
  MemberUpdate out;
  out.node = NodeId{in.getNode()};
  out.incarnation = Incarnation{in.getIncarnation()};
  out.refutation = in.getRefutation();
  // States have an order that decides who overrides whom: an unknown one has no place in it.
  out.state = reading.known(in.getState(), MemberState::left, "updates.state");
  out.reporter = NodeId{in.getReporter()};
  out.reason = read_reason(in.getReason());
  out.cluster = ClusterId{in.getCluster()};
  reading.text(in.getName(), limits::name_bytes_max, "updates.name", out.name);
  out.addresses = reading.text_list(in.getAddresses(), limits::member_addresses_max,
                                    limits::address_bytes_max, "updates.addresses");
  return out;
}
Ping read(schema::Ping::Reader in, Reading& reading) {
  Ping out;
  out.sequence = in.getSequence();
  out.members_hash = in.getMembersHash();
  out.updates = read_updates(in, limits::piggyback_max, reading);
  return out;
}
Ack read(schema::Ack::Reader in, Reading& reading) {
  Ack out;
  out.sequence = in.getSequence();
  out.subject = NodeId{in.getSubject()};
  out.members_hash = in.getMembersHash();
  out.updates = read_updates(in, limits::piggyback_max, reading);
  return out;
}
PingRequest read(schema::PingRequest::Reader in, Reading& reading) {
  PingRequest out;
  out.sequence = in.getSequence();
  out.subject = NodeId{in.getSubject()};
  out.updates = read_updates(in, limits::piggyback_max, reading);
  return out;
}
Nack read(schema::Nack::Reader in, Reading&) {
  Nack out;
  out.sequence = in.getSequence();
  out.subject = NodeId{in.getSubject()};
  return out;
}
MemberSync read(schema::MemberSync::Reader in, Reading& reading) {
  MemberSync out;
  out.members_hash = in.getMembersHash();
  out.is_request = in.getIsRequest();
  out.from = NodeId{in.getFrom()};
  out.to = NodeId{in.getTo()};
  out.updates = read_updates(in, limits::member_sync_max, reading);
  return out;
}
Goodbye read(schema::Goodbye::Reader in, Reading&) {
  Goodbye out;
  out.reason = read_reason(in.getReason());
  out.incarnation = Incarnation{in.getIncarnation()};
  out.refutation = in.getRefutation();
  return out;
}

}  // namespace mpreg::wire::detail
