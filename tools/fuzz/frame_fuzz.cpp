// Any bytes into the frame reader: the size of a partial stream, and one whole frame. Half of the
// inputs get a correct checksum, so that what lies behind it is reached too.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/assert.hpp"
#include "engine/wire/codec.hpp"

using namespace mpreg;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input = Bytes::copy_of(ByteView(reinterpret_cast<const std::byte*>(data), size));
  const auto announced = wire::frame_size(input.view());
  if (announced && *announced) MPREG_ASSERT(**announced >= wire::frame_header_size);
  if (const auto parts = wire::open_frame(input)) {
    MPREG_ASSERT(**announced == size);
    (void)wire::decode_envelope(parts->envelope);
    (void)wire::decode_message(parts->message);
  }
  // The same bytes as the segments and the payload of a frame that is sound.
  if (size < 2) return 0;
  const std::size_t words = (size - 2) / 8;
  const std::size_t envelope = 8 * (data[0] % (words + 1));
  const std::size_t message = 8 * (data[1] % (words + 1 - envelope / 8));
  const Bytes rest = input.slice(2, size - 2);
  const wire::Frame frame =
      wire::seal(rest.view().first(envelope), rest.view().subspan(envelope, message),
                 rest.slice(envelope + message, rest.size() - envelope - message));
  std::string buffer(frame.head.text());
  buffer.append(frame.payload.text());
  const auto parts = wire::open_frame(Bytes::copy_of(buffer));
  MPREG_ASSERT(parts.has_value());
  MPREG_ASSERT(parts->payload == frame.payload);
  const auto header = wire::decode_envelope(parts->envelope);
  if (header) (void)wire::encode_relayed(*header, *parts);
  (void)wire::decode_message(parts->message);
  return 0;
}
