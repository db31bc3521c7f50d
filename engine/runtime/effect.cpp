#include "engine/runtime/effect.hpp"

#include "engine/base/text.hpp"
#include "engine/runtime/frame_text.hpp"
#include "engine/runtime/hasher.hpp"
#include "engine/runtime/request_text.hpp"

namespace mpreg {
namespace {

std::string id_text(std::uint64_t id) { return "id=" + std::to_string(id); }
std::string text_of(const effect::Send& out) {
  return describe(out.link) + " " + runtime::describe_frame(out.frame);
}
std::string text_of(const effect::Dial& out) {
  return "dial{" + id_text(out.dial.value) + " " + quoted(out.address) + "}";
}
std::string text_of(const effect::HangUp& out) {
  return "hang_up{" + describe(out.link) + " why=" + quoted(out.why) + "}";
}
std::string text_of(const effect::Arm& out) {
  return "arm{" + describe(out.timer) + " at=" + describe(out.at) + "}";
}
std::string text_of(const effect::Disarm& out) { return "disarm{" + describe(out.timer) + "}"; }
std::string text_of(const effect::Sign& out) {
  return "sign{" + id_text(out.id.value) + " " + std::to_string(out.message.size()) + "B " +
         hex(runtime::content_hash(out.message.view())) + "}";
}
std::string text_of(const effect::Commit& out) {
  const bool is_sync = out.durability == runtime::Durability::sync;
  return "commit{" + id_text(out.write.value) + (is_sync ? " sync" : " lazy") +
         " changes=" + std::to_string(out.batch.size()) + "}";
}
std::string text_of(const effect::Fetch& out) {
  return "fetch{" + id_text(out.read.value) + " from=" + quoted(out.from) +
         " to=" + quoted(out.to) + " limit=" + std::to_string(out.limit) + "}";
}
std::string text_of(const effect::Invoke& out) {
  return "invoke{" + id_text(out.invoke.value) + " " + runtime::describe(out.function) +
         " within=" + describe(out.deadline) + " " + std::to_string(out.payload.size()) + "B}";
}
std::string text_of(const effect::Recall& out) {
  return "recall{" + id_text(out.invoke.value) + "}";
}
std::string text_of(const effect::Reply& out) {
  return "reply{request=" + std::to_string(out.request.value) + " " +
         runtime::describe(out.outcome) + "}";
}
std::string text_of(const runtime::Note& out) {
  std::string text = "note{" + std::string(runtime::name_of(out.kind));
  text += " subject=" + (out.subject < 1'000'000 ? std::to_string(out.subject) : hex(out.subject));
  if (out.detail != 0) text += " detail=" + std::to_string(out.detail);
  if (!out.text.empty()) text += " " + quoted(out.text);
  return text + "}";
}

}  // namespace

std::string describe(const Effect& effect) {
  return std::visit([](const auto& alternative) { return text_of(alternative); }, effect);
}

std::uint64_t hash_of(const Effect& effect) {
  runtime::Hasher hasher;
  hasher.one(effect);
  return hasher.value();
}

}  // namespace mpreg
