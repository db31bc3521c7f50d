// Fuzzes the reader of recordings: any bytes give turns or an error, in bounded memory, and what
// was read is written again to the same meaning.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "engine/runtime/recording.hpp"
#include "engine/runtime/recording_format.hpp"

namespace {

using namespace mpreg;
using namespace mpreg::runtime;

void require(bool holds) {
  if (!holds) std::abort();
}

/// Drains a recording; a second `next` after the end must say the same.
void read_all(const Bytes& segment) {
  auto reader = RecordingReader::open({segment});
  if (!reader) return;
  std::uint64_t turns = 0;
  while (true) {
    const auto turn = reader->next();
    if (!turn || !*turn) break;
    require(++turns <= segment.size());  // every turn takes bytes: no endless reading
    (void)describe((*turn)->input);
    (void)hash_of((*turn)->input);
  }
  const auto again = reader->next();
  require(!again || !*again);
}

/// A whole segment with valid checks around the fuzzer's bytes, so that they reach the decoder.
Bytes sealed(ByteView body, std::uint32_t entries) {
  std::vector<std::byte> file;
  RecordingWriter writer({},
                         [&](ByteView data) { file.insert(file.end(), data.begin(), data.end()); });
  ByteWriter head;
  head.fixed32(static_cast<std::uint32_t>(body.size()));
  head.fixed32(entries);
  head.fixed32(0);
  head.fixed32(format::head_check(head.bytes()));
  head.fixed64(format::body_check(body, 0));
  file.insert(file.end(), head.bytes().begin(), head.bytes().end());
  file.insert(file.end(), body.begin(), body.end());
  return Bytes::take(std::move(file));
}

/// What decodes must encode to something that decodes to the same.
void round_trip(const Bytes& bytes) {
  ByteReader reader(bytes);
  Input input;
  reader.one(input);
  if (!reader.is_ok()) return;
  ByteWriter writer;
  writer.one(input);
  ByteReader again(Bytes::copy_of(ByteView(writer.bytes())));
  Input same;
  again.one(same);
  require(again.is_ok() && again.remaining() == 0 && same == input);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView view(reinterpret_cast<const std::byte*>(data), size);
  const Bytes bytes = Bytes::copy_of(view);
  read_all(bytes);
  round_trip(bytes);
  if (!view.empty()) {
    const auto entries = 1 + (std::to_integer<std::uint32_t>(view.front()) & 7);
    read_all(sealed(view.subspan(1), entries));
  }
  return 0;
}
