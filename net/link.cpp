#include "net/link.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

namespace mpreg::net {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t gather_frames_max = 64;  // two pieces each; a system call takes 1,024
constexpr std::size_t reads_in_a_row_max = 8;  // then other links have their turn
constexpr std::size_t large_min = 256U << 10;  // first room for a frame larger than a chunk
constexpr std::size_t run_bytes_max = RunBuffers::buffer_bytes;  // small frames in a buffer
constexpr std::size_t run_frames_max = 32;
constexpr std::size_t own_buffer_max = 960;  // glibc has a quick way for what is smaller

/// Frames begin at whole words: their segments are then read in place.
constexpr std::size_t aligned(std::size_t bytes) { return (bytes + 7) / 8 * 8; }

bool would_block(const boost::system::error_code& error) {
  return error == boost::asio::error::would_block || error == boost::asio::error::try_again;
}

}  // namespace

/// What one system call writes.
struct Link::Gathered {
  std::array<boost::asio::const_buffer, 2 * gather_frames_max> pieces;  ///< Head and payload.
  std::size_t count = 0;
  std::size_t bytes = 0;
};

Link::Link(LinkId id, Socket socket, std::string remote, std::shared_ptr<Shared> shared)
    : id_(id),
      socket_(std::move(socket)),
      remote_(std::move(remote)),
      shared_(std::move(shared)),
      options_(shared_->options),
      heartbeat_(socket_.get_executor()),
      last_read_(Clock::now()),
      last_write_(last_read_),
      look_due_(last_read_) {}

void Link::start() {
  boost::system::error_code error;
  socket_.non_blocking(true, error);
  if (error) return close(error.message());
  on_heartbeat();
  wait_readable();
}

// --- reading

void Link::wait_readable() {
  if (is_waiting_readable_ || is_closed_) return;
  is_waiting_readable_ = true;
  socket_.async_wait(Socket::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       self->is_waiting_readable_ = false;
                       if (self->is_closed_) return;
                       if (error) return self->close(error.message());
                       self->shared_->batch_end.batch([&self] { self->read(); });
                     });
}

void Link::read() {
  for (std::size_t round = 0; round < reads_in_a_row_max; ++round) {
    if (!read_once()) break;
  }
  if (!is_closed_) wait_readable();
}

/// One read and the frames it completed. False when the socket is empty or the link ended.
bool Link::read_once() {
  boost::system::error_code error;
  std::size_t count = 0;
  bool is_full = false;
  if (large_)
    read_large(count, is_full, error);
  else
    is_full = read_chunk(count, error);
  if (!error) return !is_closed_ && is_full;
  if (would_block(error)) return false;
  if (is_hanging_up_)
    close(why_);
  else
    close(error == boost::asio::error::eof ? "closed by the peer" : error.message());
  return false;
}

/// Reads into the common chunk, behind the begin of a frame that came before.
bool Link::read_chunk(std::size_t& count, boost::system::error_code& error) {
  std::vector<std::byte>& chunk = shared_->chunk;
  const std::size_t before = rest_.size();
  const std::size_t room = chunk.size() - before;
  count = socket_.read_some(boost::asio::buffer(chunk.data() + before, room), error);
  if (error) return false;
  counters_.bytes_in += count;
  last_read_ = Clock::now();
  if (is_hanging_up_)
    return count == room;  // read to the end, so that the peer hears our last word
  std::ranges::copy(rest_, chunk.begin());
  rest_.clear();
  cut_frames(ByteView(chunk.data(), before + count));
  return count == room;
}

void Link::read_large(std::size_t& count, bool& is_full, boost::system::error_code& error) {
  if (large_read_ == large_capacity_) hold(std::min(large_size_, 2 * large_capacity_));
  const std::size_t room = large_capacity_ - large_read_;
  count = socket_.read_some(boost::asio::buffer(large_.get() + large_read_, room), error);
  if (error) return;
  counters_.bytes_in += count;
  last_read_ = Clock::now();
  large_read_ += count;
  is_full = count == room;
  if (large_read_ < large_size_) return;
  const ByteView view(large_.get(), large_size_);
  counters_.bytes_held = 0;
  auto whole = std::exchange(large_, nullptr);
  if (is_hanging_up_) return;
  ++counters_.frames_in;
  shared_->frame(id_, Bytes::wrap(std::move(whole), view));
}

/// Hands every whole frame on and keeps the begin of the next.
void Link::cut_frames(ByteView bytes) {
  while (!is_closed_ && !is_hanging_up_) {
    const auto size = wire::frame_size(bytes);
    if (!size) return end_reading(bytes, size.error().message);
    if (*size && !is_acceptable(**size)) return;
    if (*size && **size > options_.read_chunk_bytes) return begin_large_frame(**size, bytes);
    if (!*size || **size > bytes.size()) return rest_.assign(bytes.begin(), bytes.end());
    bytes = bytes.subspan(cut_run(bytes, **size));
  }
}

/// Behind a bad header nothing in the stream can be trusted. Its bytes are the last to be handed
/// on: the owner refuses them, so that both ends know why this one hangs up.
void Link::end_reading(ByteView bytes, const std::string& why) {
  ++counters_.frames_in;
  shared_->frame(id_, Bytes::copy_of(bytes.first(std::min(bytes.size(), wire::frame_header_size))));
  hang_up(why);
}

/// Hands on a whole frame of `first` bytes and the small ones that follow it in `bytes`, all in one
/// buffer. Returns how many bytes they took. A frame that is not acceptable ends the run before it.
std::size_t Link::cut_run(ByteView bytes, std::size_t first) {
  std::array<std::size_t, run_frames_max> sizes;
  std::size_t count = 0;
  std::size_t total = 0;
  std::size_t room = 0;
  for (std::size_t next = first;;) {
    sizes[count++] = next;
    total += next;
    room += aligned(next);
    if (count == run_frames_max || counters_.frames_in < options_.introduction_frames) break;
    const auto size = wire::frame_size(bytes.subspan(total));
    if (!size || !*size || total + **size > bytes.size() || room + **size > run_bytes_max) break;
    next = **size;
  }
  const bool is_pooled = room > own_buffer_max && room <= run_bytes_max;
  const auto buffer =
      is_pooled ? shared_->runs->take() : std::make_shared_for_overwrite<std::byte[]>(room);
  const std::shared_ptr<const void> owner(buffer);
  std::byte* to = buffer.get();
  const std::byte* from = bytes.data();
  for (std::size_t i = 0; i < count; ++i) {
    std::memcpy(to, from, sizes[i]);
    if (sizes[i] > wire::frame_header_size) {  // else a heartbeat
      ++counters_.frames_in;
      shared_->frame(id_, Bytes::wrap(owner, ByteView(to, sizes[i])));
      if (is_closed_ || is_hanging_up_) break;
    }
    to += aligned(sizes[i]);
    from += sizes[i];
  }
  return total;
}

bool Link::is_acceptable(std::size_t frame_bytes) {
  if (counters_.frames_in >= options_.introduction_frames ||
      frame_bytes <= options_.introduction_bytes_max)
    return true;
  close("a frame of " + std::to_string(frame_bytes) + " bytes before the introduction was over");
  return false;
}

void Link::begin_large_frame(std::size_t size, ByteView begin) {
  large_size_ = size;
  large_read_ = begin.size();
  hold(std::min(size, std::max(large_min, 2 * begin.size())));
  std::memcpy(large_.get(), begin.data(), begin.size());
}

/// Gives the large frame room for `capacity` bytes and keeps what of it is there.
void Link::hold(std::size_t capacity) {
  auto larger = std::make_shared_for_overwrite<std::byte[]>(capacity);
  if (large_) std::memcpy(larger.get(), large_.get(), large_read_);
  large_ = std::move(larger);
  large_capacity_ = capacity;
  counters_.bytes_held = capacity;
}

// --- writing

void Link::send(wire::Priority priority, wire::Frame frame) {
  if (is_closed_ || is_hanging_up_) return;
  const std::size_t size = frame.size();
  if (queued_bytes_ + size > options_.write_soft_bytes && priority >= wire::Priority::low) {
    ++counters_.dropped;
    return;
  }
  if (queued_bytes_ > options_.write_hard_bytes)
    return close("send queue overflow: the receiver is too slow");
  queued_bytes_ += size;
  queues_[static_cast<std::size_t>(priority)].push(std::move(frame));
  if (is_flush_asked_ || is_waiting_writable_) return;
  is_flush_asked_ = true;
  shared_->written(shared_from_this());
}

/// Points at what leaves next: the rest of a frame that is partly written, then the most urgent
/// frames. False when nothing waits.
bool Link::gather(Gathered& out) const {
  out.count = 0;
  out.bytes = 0;
  std::size_t frames = 0;
  std::size_t skip = written_of_first_;
  const auto add = [&](const FrameQueue& queue, std::size_t place) {
    const auto pieces = queue[place];
    for (const ByteView& piece : {pieces.first, pieces.second}) {
      const std::size_t skipped = std::min(skip, piece.size());
      skip -= skipped;
      if (piece.size() == skipped) continue;
      out.pieces[out.count++] = {piece.data() + skipped, piece.size() - skipped};
      out.bytes += piece.size() - skipped;
    }
    ++frames;
  };
  const bool is_started = written_of_first_ > 0;
  if (is_started) add(queues_[started_], 0);
  for (std::size_t priority = 0; priority < queues_.size(); ++priority) {
    const FrameQueue& queue = queues_[priority];
    for (std::size_t place = is_started && priority == started_ ? 1 : 0;
         place < queue.size() && frames < gather_frames_max; ++place)
      add(queue, place);
  }
  return frames > 0;
}

void Link::flush() {
  is_flush_asked_ = false;
  if (is_closed_ || is_waiting_writable_) return;
  Gathered out;
  while (gather(out)) {
    boost::system::error_code error;
    const std::size_t written = socket_.write_some(std::span(out.pieces.data(), out.count), error);
    if (error && !would_block(error)) return close(error.message());
    drop_written(written);
    if (error || written < out.bytes) return wait_writable();
  }
  if (is_hanging_up_) end_writing();
}

/// Takes written bytes from the queues, in the order in which gather() found them.
void Link::drop_written(std::size_t bytes) {
  counters_.bytes_out += bytes;
  queued_bytes_ -= bytes;
  if (bytes == 0) return;
  last_write_ = Clock::now();
  std::size_t queue = written_of_first_ > 0 ? started_ : most_urgent();
  written_of_first_ += bytes;
  while (written_of_first_ >= queues_[queue].front_bytes()) {
    written_of_first_ -= queues_[queue].front_bytes();
    queues_[queue].pop();
    ++counters_.frames_out;
    queue = most_urgent();
    if (queue == queues_.size()) return;
  }
  started_ = queue;
}

/// The queue whose first frame is the most urgent; one past the last when all are empty.
std::size_t Link::most_urgent() const {
  std::size_t priority = 0;
  while (priority < queues_.size() && queues_[priority].empty()) ++priority;
  return priority;
}

void Link::wait_writable() {
  is_waiting_writable_ = true;
  socket_.async_wait(Socket::wait_write,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       self->is_waiting_writable_ = false;
                       if (self->is_closed_) return;
                       if (error) return self->close(error.message());
                       self->flush();
                     });
}

// --- life and death

void Link::look_again_after(std::chrono::milliseconds span) {
  look_due_ = Clock::now() + span;
  heartbeat_.expires_at(look_due_);
  heartbeat_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error) self->on_heartbeat();
  });
}

void Link::on_heartbeat() {
  if (is_closed_) return;
  const Clock::time_point now = Clock::now();
  const bool is_heartbeat_due = now - last_write_ >= options_.heartbeat && queued_bytes_ == 0;
  // While this process did not look, nobody was silent.
  const auto late = std::max(Clock::duration::zero(), now - look_due_);
  last_read_ = std::min(now, last_read_ + late);
  last_write_ = std::min(now, last_write_ + late);
  if (is_hanging_up_ && now >= hang_up_by_) return close(why_);
  const std::string limit = std::to_string(options_.silence_max.count()) + " ms";
  if (queued_bytes_ > 0 && now - last_write_ > options_.silence_max)
    return close("the receiver takes nothing for over " + limit);
  if (now - last_read_ > options_.silence_max)
    return close(
        (is_waiting_writable_ ? "the receiver takes nothing for over " : "silent for over ") +
        limit);
  if (is_heartbeat_due) send(wire::Priority::critical, wire::seal({}, {}, {}));
  look_again_after(options_.heartbeat / 2);
}

void Link::hang_up(const std::string& why) {
  if (is_closed_ || is_hanging_up_) return;
  why_ = why;
  is_hanging_up_ = true;
  hang_up_by_ = Clock::now() + options_.linger;
  look_again_after(options_.linger);
  boost::asio::post(socket_.get_executor(), [self = shared_from_this()] { self->flush(); });
}

/// Everything is written. The socket stays until the peer has read it and closes: closing over
/// bytes that wait to be read would reset the connection and with it our last word.
void Link::end_writing() {
  if (std::exchange(is_write_ended_, true)) return;
  boost::system::error_code error;
  socket_.shutdown(Socket::shutdown_send, error);
  if (error) close(why_);
}

void Link::close(const std::string& why) {
  if (is_closed_) return;
  is_closed_ = true;
  heartbeat_.cancel();
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
  boost::asio::post(socket_.get_executor(),
                    [self = shared_from_this(), why] { self->shared_->closed(self->id_, why); });
}

}  // namespace mpreg::net
