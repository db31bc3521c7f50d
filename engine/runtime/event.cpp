#include "engine/runtime/event.hpp"

#include "engine/base/text.hpp"
#include "engine/runtime/request_text.hpp"
#include "engine/wire/describe.hpp"

namespace mpreg {
namespace {

std::string text_of(const event::PeerUp& e) {
  const bool is_client = e.peer.role == wire::PeerRole::client;
  return "peer_up{" + describe(e.peer.node) + " " + describe(e.link) +
         " incarnation=" + std::to_string(e.peer.incarnation.value) + (is_client ? " client" : "") +
         (e.is_dialed ? " dialed" : " accepted") + "}";
}
std::string text_of(const event::PeerDown& e) {
  return "peer_down{" + describe(e.peer.node) + " " + describe(e.link) + " why=" + quoted(e.why) +
         "}";
}
std::string text_of(const event::DialEnded& e) {
  std::string text = "dial_ended{id=" + std::to_string(e.dial.value) + " ";
  text += describe(e.code);
  if (!e.node.is_none()) text += " " + describe(e.node);
  return text + "}";
}
std::string text_of(const event::LinkWanted& e) { return "link_wanted{" + describe(e.node) + "}"; }
std::string text_of(const event::MemberChanged& e) {
  std::string text =
      "member_changed{" + describe(e.node) + "#" + std::to_string(e.incarnation.value) + " " +
      std::string(wire::describe(e.before)) + "->" + std::string(wire::describe(e.now));
  if (e.is_new) text += " new";
  if (e.is_forgotten) text += " forgotten";
  return text + "}";
}
std::string text_of(const event::Superseded& e) {
  return "superseded{incarnation=" + std::to_string(e.incarnation.value) + "}";
}
std::string text_of(const event::PeerUnwanted& e) {
  return "peer_unwanted{" + describe(e.node) + " why=" + quoted(e.why) + "}";
}
std::string text_of(const event::BuiltinsChanged& e) {
  return "builtins_changed{" + std::to_string(e.builtins) + "}";
}
std::string text_of(const event::OfferChanged& e) {
  return "offer_changed{" + runtime::describe(e.function) + (e.is_removal ? " removed" : "") + "}";
}
std::string text_of(const event::OwnRecordsChanged& e) {
  return "own_records_changed{" + std::to_string(e.since) + ".." + std::to_string(e.upto) + "}";
}
std::string text_of(const event::RecordChanged& e) {
  std::string text = "record_changed{" + describe(e.owner) + " ";
  text += wire::describe(e.key.kind);
  if (!e.key.key.empty()) text += " " + printable(e.key.key);
  return text + (e.is_removal ? " removed}" : "}");
}
std::string text_of(const event::NameConflict& e) {
  return "name_conflict{" + quoted(e.name) + " winner=" + describe(e.winner) +
         " loser=" + describe(e.loser) + "}";
}

}  // namespace

std::string describe(const Event& event) {
  return std::visit([](const auto& alternative) { return text_of(alternative); }, event);
}

}  // namespace mpreg
