// Any bytes as an envelope segment, and a sound envelope with damage at chosen places. What is
// accepted must be encodable: a peer may not hand us something that breaks a limit of ours when we
// relay it.

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
  const auto envelope = wire::decode_envelope(segment);
  if (!envelope) return;
  (void)wire::describe(*envelope);
  const auto parts = wire::open_frame(wire::encode(*envelope, wire::Nack{}).head);
  MPREG_ASSERT(parts.has_value());
  MPREG_ASSERT(wire::decode_envelope(parts->envelope) == *envelope);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(reinterpret_cast<const std::byte*>(data), size);
  survive(Bytes::copy_of(input));
  const auto parts = wire::open_frame(wire::encode(testing::sample_envelope(), wire::Nack{}).head);
  survive(testing::damaged(parts->envelope, input));
  return 0;
}
