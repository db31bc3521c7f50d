#include "engine/wire/session_codec.hpp"

#include <cstring>

namespace mpreg::wire::detail {
namespace {

constexpr std::size_t tag_words = sizeof(Tag) / 8;

capnp::Data::Reader as_data(const Tag& tag) {
  return {reinterpret_cast<const kj::byte*>(tag.data()), tag.size()};
}

Tag read_tag(capnp::Data::Reader data, std::string_view field, Reading& reading) {
  Tag tag{};
  if (data.size() == tag.size())
    std::memcpy(tag.data(), data.begin(), tag.size());
  else
    reading.fail(Errc::malformed, field, std::to_string(data.size()) + " bytes instead of 32");
  return tag;
}

}  // namespace

std::size_t words(const Hello& hello) {
  return struct_words<schema::Hello> + tag_words +
         text_words(hello.cluster_name, limits::name_bytes_max) +
         text_words(hello.name, limits::name_bytes_max) +
         texts_words(hello.addresses, limits::member_addresses_max, limits::address_bytes_max);
}
std::size_t words(const Proof&) { return struct_words<schema::Proof> + tag_words; }
std::size_t words(const Refusal& refusal) {
  return struct_words<schema::Refusal> + text_words(refusal.message, limits::refusal_bytes_max);
}
std::size_t words(const SessionPing&) { return struct_words<schema::SessionPing>; }
std::size_t words(const SessionPong&) { return struct_words<schema::SessionPong>; }

void write(const Hello& hello, schema::Hello::Builder out) {
  out.setMajor(hello.major);
  out.setMinor(hello.minor);
  out.setRole(static_cast<schema::PeerRole>(hello.role));
  out.setHasKey(hello.has_key);
  out.setCluster(hello.cluster.value);
  out.setNode(hello.node.value);
  out.setIncarnation(hello.incarnation.value);
  if (!hello.cluster_name.empty()) out.setClusterName(as_text(hello.cluster_name));
  if (!hello.name.empty()) out.setName(as_text(hello.name));
  out.setChallenge(as_data(hello.challenge));
  if (const auto size = static_cast<unsigned>(hello.addresses.size()); size != 0)
    write_texts(hello.addresses, out.initAddresses(size));
}
void write(const Proof& proof, schema::Proof::Builder out) { out.setTag(as_data(proof.tag)); }
void write(const Refusal& refusal, schema::Refusal::Builder out) {
  out.setCode(static_cast<std::uint16_t>(refusal.code));
  if (!refusal.message.empty()) out.setMessage(as_text(refusal.message));
}
void write(const SessionPing& ping, schema::SessionPing::Builder out) { out.setNonce(ping.nonce); }
void write(const SessionPong& pong, schema::SessionPong::Builder out) { out.setNonce(pong.nonce); }

Hello read(schema::Hello::Reader in, Reading& reading) {
  Hello out;
  out.major = in.getMajor();
  out.minor = in.getMinor();
  // What a peer may do hangs on its role: an unknown one is refused.
  out.role = reading.known(in.getRole(), PeerRole::client, "role");
  out.has_key = in.getHasKey();
  out.cluster = ClusterId{in.getCluster()};
  reading.text(in.getClusterName(), limits::name_bytes_max, "cluster_name", out.cluster_name);
  out.node = NodeId{in.getNode()};
  reading.text(in.getName(), limits::name_bytes_max, "name", out.name);
  out.incarnation = Incarnation{in.getIncarnation()};
  out.challenge = read_tag(in.getChallenge(), "challenge", reading);
  out.addresses = reading.texts(in.getAddresses(), limits::member_addresses_max,
                                limits::address_bytes_max, "addresses");
  return out;
}
Proof read(schema::Proof::Reader in, Reading& reading) {
  Proof out;
  out.tag = read_tag(in.getTag(), "tag", reading);
  return out;
}
Refusal read(schema::Refusal::Reader in, Reading& reading) {
  Refusal out;
  out.code = static_cast<Errc>(in.getCode());
  reading.text(in.getMessage(), limits::refusal_bytes_max, "message", out.message);
  return out;
}
SessionPing read(schema::SessionPing::Reader in, Reading&) { return {.nonce = in.getNonce()}; }
SessionPong read(schema::SessionPong::Reader in, Reading&) { return {.nonce = in.getNonce()}; }

}  // namespace mpreg::wire::detail
