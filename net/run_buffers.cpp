#include "net/run_buffers.hpp"

#include <utility>

namespace mpreg::net {

std::shared_ptr<std::byte[]> RunBuffers::take() {
  std::unique_ptr<std::byte[]> buffer;
  {
    const std::lock_guard hold(mutex_);
    if (!kept_.empty()) {
      buffer = std::move(kept_.back());
      kept_.pop_back();
    }
  }
  if (!buffer) buffer = std::make_unique_for_overwrite<std::byte[]>(buffer_bytes);
  return {buffer.release(), [pool = shared_from_this()](std::byte* back) {
            pool->give_back(std::unique_ptr<std::byte[]>(back));
          }};
}

std::size_t RunBuffers::kept() const {
  const std::lock_guard hold(mutex_);
  return kept_.size();
}

void RunBuffers::give_back(std::unique_ptr<std::byte[]> buffer) {
  const std::lock_guard hold(mutex_);
  if (kept_.size() < kept_max) kept_.push_back(std::move(buffer));
}

}  // namespace mpreg::net
