#include "engine/runtime/frame_text.hpp"

#include <vector>

#include "engine/base/errc.hpp"
#include "engine/base/text.hpp"

namespace mpreg::runtime {

std::string describe_frame(const Bytes& frame) {
  const auto parts = wire::open_frame(frame);
  if (!parts)
    return "unreadable{" + std::string(describe(parts.error().code)) + " " +
           std::to_string(frame.size()) + "B}";
  return "frame{" + std::to_string(frame.size()) + "B " + hex(parts->checksum) + "}";
}

std::string describe_frame(const wire::Frame& frame) {
  std::vector<std::byte> whole;
  whole.reserve(frame.size());
  whole.insert(whole.end(), frame.head.view().begin(), frame.head.view().end());
  whole.insert(whole.end(), frame.payload.view().begin(), frame.payload.view().end());
  return describe_frame(Bytes::take(std::move(whole)));
}

}  // namespace mpreg::runtime
