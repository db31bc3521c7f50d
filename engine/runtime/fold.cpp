#include "engine/runtime/fold.hpp"

#include <xxhash.h>

namespace mpreg::runtime {

std::uint64_t content_hash(ByteView data) { return XXH3_64bits(data.data(), data.size()); }

}  // namespace mpreg::runtime
