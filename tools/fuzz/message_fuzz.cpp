// Any bytes as a message segment, and every kind of message with damage at chosen places. What is
// accepted must be encodable and come back the same.

#include <cstddef>
#include <cstdint>

#include "engine/base/assert.hpp"
#include "engine/wire/codec.hpp"
#include "engine/wire/describe.hpp"
#include "tests/support/wire_damage.hpp"
#include "tests/support/wire_samples.hpp"

using namespace mpreg;

namespace {

void survive(const Bytes& segment) {
  const auto message = wire::decode_message(segment);
  if (!message) return;
  (void)wire::describe(*message);
  const wire::Frame frame = wire::encode(wire::Envelope{}, *message);
  const auto parts = wire::open_frame(frame.head);
  MPREG_ASSERT(parts.has_value());
  MPREG_ASSERT(wire::decode_message(parts->message) == *message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(reinterpret_cast<const std::byte*>(data), size);
  survive(Bytes::copy_of(input));
  if (size == 0) return 0;
  static const auto samples = testing::sample_messages();
  const auto& message = samples[data[0] % samples.size()];
  const auto parts = wire::open_frame(wire::encode(wire::Envelope{}, message).head);
  survive(testing::damaged(parts->message, input.subspan(1)));
  return 0;
}
