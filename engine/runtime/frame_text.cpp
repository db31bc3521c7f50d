#include "engine/runtime/frame_text.hpp"

#include <utility>
#include <vector>

#include "engine/base/errc.hpp"
#include "engine/wire/codec.hpp"
#include "engine/wire/describe.hpp"

namespace mpreg::runtime {
namespace {

std::string unreadable(const Bytes& frame, const Error& why) {
  return "unreadable{" + std::string(describe(why.code)) + " " + std::to_string(frame.size()) +
         "B}";
}

}  // namespace

std::string describe_frame(const Bytes& frame) {
  const auto parts = wire::open_frame(frame);
  if (!parts) return unreadable(frame, parts.error());
  const auto envelope = wire::decode_envelope(parts->envelope);
  if (!envelope) return unreadable(frame, envelope.error());
  const auto message = wire::decode_message(parts->message);
  if (!message) return unreadable(frame, message.error());
  std::string text = wire::describe(*message);
  if (!parts->payload.empty()) text += " " + std::to_string(parts->payload.size()) + "B";
  return text + " [" + wire::describe(*envelope) + "]";
}

std::string describe_frame(const wire::Frame& frame) {
  std::vector<std::byte> whole;
  whole.reserve(frame.size());
  whole.insert(whole.end(), frame.head.view().begin(), frame.head.view().end());
  whole.insert(whole.end(), frame.payload.view().begin(), frame.payload.view().end());
  return describe_frame(Bytes::take(std::move(whole)));
}

}  // namespace mpreg::runtime
