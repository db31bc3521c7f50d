#include "engine/runtime/input.hpp"

#include "engine/base/errc.hpp"
#include "engine/base/text.hpp"
#include "engine/runtime/frame_text.hpp"
#include "engine/runtime/hasher.hpp"
#include "engine/runtime/request_text.hpp"
#include "engine/wire/frame.hpp"

namespace mpreg {
namespace {

std::string text_of(const input::Started& in) {
  return "started{seed=" + std::to_string(in.seed) +
         " incarnation=" + std::to_string(in.incarnation.value) + "}";
}
std::string text_of(const input::LinkUp& in) {
  std::string text = "link_up{" + describe(in.link);
  text += in.dial.is_none() ? " accepted" : " dial=" + std::to_string(in.dial.value);
  return text + " remote=" + quoted(in.remote) + "}";
}
std::string text_of(const input::LinkDown& in) {
  return "link_down{" + describe(in.link) + " why=" + quoted(in.why) + "}";
}
std::string text_of(const input::DialFailed& in) {
  return "dial_failed{dial=" + std::to_string(in.dial.value) + " why=" + quoted(in.why) + "}";
}
std::string text_of(const input::Received& in) {
  return describe(in.link) + " " + runtime::describe_frame(in.frame);
}
std::string text_of(const input::Expired& in) { return "expired{" + describe(in.timer) + "}"; }
std::string text_of(const input::Signed& in) {
  return "signed{id=" + std::to_string(in.id.value) + " tag=" + hex(ByteView(in.tag).first(8)) +
         "}";
}
std::string text_of(const input::Written& in) {
  return "written{id=" + std::to_string(in.write.value) + " " +
         std::string(runtime::name_of(in.status)) + "}";
}
std::string text_of(const input::Fetched& in) {
  return "fetched{id=" + std::to_string(in.read.value) + " " +
         std::string(runtime::name_of(in.status)) + " rows=" + std::to_string(in.rows.size()) + "}";
}
std::string text_of(const input::Returned& in) {
  return "returned{id=" + std::to_string(in.invoke.value) + " " + runtime::describe(in.outcome) +
         "}";
}
std::string text_of(const input::Command& in) {
  return "command{request=" + std::to_string(in.request.value) + " " + runtime::describe(in.what) +
         "}";
}

/// The frame's own checksum stands for its content, the rest of the header for its shape: a frame
/// whose body does not fit its checksum is refused whatever the body is. Anything shorter than a
/// header is hashed whole.
std::uint64_t hash_of_received(const input::Received& in) {
  runtime::Hasher hasher;
  const bool is_whole = in.frame.size() >= wire::frame_header_size;
  const ByteView shown =
      is_whole ? in.frame.view().first(wire::frame_header_size) : in.frame.view();
  hasher.all(std::uint8_t{4}, in.link, in.frame.size(), runtime::content_hash(shown));
  return hasher.value();
}

}  // namespace

std::string describe(const Input& input) {
  return std::visit([](const auto& alternative) { return text_of(alternative); }, input);
}

std::uint64_t hash_of(const Input& input) {
  if (const auto* received = std::get_if<input::Received>(&input))
    return hash_of_received(*received);
  runtime::Hasher hasher;
  hasher.one(input);
  return hasher.value();
}

}  // namespace mpreg
