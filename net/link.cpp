#include "net/link.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

namespace mpreg::net {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t gather_frames_max = 64;  // two buffers each; writev takes 1,024
constexpr std::size_t reads_in_a_row_max = 8;  // then other links have their turn

bool would_block(const boost::system::error_code& error) {
  return error == boost::asio::error::would_block || error == boost::asio::error::try_again;
}

}  // namespace

Link::Link(LinkId id, Socket socket, std::string remote, const LinkOptions& options,
           const Handlers& handlers)
    : id_(id),
      socket_(std::move(socket)),
      remote_(std::move(remote)),
      options_(options),
      handlers_(handlers),
      heartbeat_(socket_.get_executor()),
      chunk_(options.read_chunk_bytes),
      last_read_(Clock::now()),
      last_write_(last_read_) {}

void Link::start() {
  boost::system::error_code error;
  socket_.non_blocking(true, error);
  if (error) return close(error.message());
  on_heartbeat();
  wait_readable();
}

// --- reading
// --------------------------------------------------------------------------------------

void Link::wait_readable() {
  if (is_waiting_readable_ || is_closed_) return;
  is_waiting_readable_ = true;
  socket_.async_wait(Socket::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       self->is_waiting_readable_ = false;
                       if (self->is_closed_) return;
                       if (error) return self->close(error.message());
                       self->read();
                     });
}

void Link::read() {
  for (std::size_t round = 0; round < reads_in_a_row_max; ++round) {
    if (queued_bytes_ > options_.write_soft_bytes) return;  // flush() resumes: answer before asking
    if (!read_once()) break;
  }
  if (!is_closed_) wait_readable();
}

/// One read and the frames it completed. False when the socket is empty or the link ended.
bool Link::read_once() {
  boost::system::error_code error;
  std::size_t count = 0;
  std::size_t room = 0;
  if (large_) {
    room = large_size_ - large_read_;
    count = socket_.read_some(boost::asio::buffer(large_.get() + large_read_, room), error);
  } else {
    if (chunk_begin_ > 0) {
      std::memmove(chunk_.data(), chunk_.data() + chunk_begin_, chunk_end_ - chunk_begin_);
      chunk_end_ -= chunk_begin_;
      chunk_begin_ = 0;
    }
    room = chunk_.size() - chunk_end_;
    count = socket_.read_some(boost::asio::buffer(chunk_.data() + chunk_end_, room), error);
  }
  if (error) {
    if (would_block(error)) return false;
    close(error == boost::asio::error::eof ? "closed by the peer" : error.message());
    return false;
  }
  counters_.bytes_in += count;
  last_read_ = Clock::now();
  if (large_) {
    large_read_ += count;
    if (large_read_ == large_size_) {
      const ByteView view(large_.get(), large_size_);
      ++counters_.frames_in;
      handlers_.frame(id_, Bytes::wrap(std::exchange(large_, nullptr), view));
    }
  } else {
    chunk_end_ += count;
    if (!cut_frames()) return false;
  }
  return !is_closed_ && count == room;
}

/// Hands every whole frame of the chunk on. False when the link ended.
bool Link::cut_frames() {
  while (!is_closed_) {
    const ByteView rest(chunk_.data() + chunk_begin_, chunk_end_ - chunk_begin_);
    const auto size = wire::frame_size(rest);
    if (!size) {
      close(size.error().message);
      return false;
    }
    if (!*size) return true;
    const std::size_t bytes = **size;
    if (bytes > chunk_.size()) return begin_large_frame(bytes);
    if (bytes > rest.size()) return true;
    chunk_begin_ += bytes;
    if (bytes == wire::frame_header_size) continue;  // a heartbeat
    ++counters_.frames_in;
    handlers_.frame(id_, Bytes::copy_of(rest.first(bytes)));
  }
  return false;
}

bool Link::begin_large_frame(std::size_t size) {
  large_ = std::make_shared_for_overwrite<std::byte[]>(size);
  large_size_ = size;
  large_read_ = chunk_end_ - chunk_begin_;
  std::memcpy(large_.get(), chunk_.data() + chunk_begin_, large_read_);
  chunk_begin_ = 0;
  chunk_end_ = 0;
  return true;
}

// --- writing
// --------------------------------------------------------------------------------------

void Link::send(wire::Priority priority, wire::Frame frame) {
  if (is_closed_ || is_hanging_up_) return;
  const std::size_t size = frame.size();
  if (queued_bytes_ + size > options_.write_soft_bytes && priority >= wire::Priority::low) {
    ++counters_.dropped;
    return;
  }
  if (queued_bytes_ + size > options_.write_hard_bytes)
    return close("send queue overflow: the receiver is too slow");
  queued_bytes_ += size;
  queues_[static_cast<std::size_t>(priority)].push_back(std::move(frame));
  if (is_flush_asked_ || is_waiting_writable_) return;
  is_flush_asked_ = true;
  handlers_.written(shared_from_this());
}

/// Moves frames from the queues, most urgent first, to the ones being written.
std::size_t Link::gather() {
  for (auto& queue : queues_) {
    while (!queue.empty() && writing_.size() < gather_frames_max) {
      writing_.push_back(std::move(queue.front()));
      queue.pop_front();
    }
  }
  return writing_.size();
}

void Link::flush() {
  is_flush_asked_ = false;
  if (is_closed_ || is_waiting_writable_) return;
  std::array<boost::asio::const_buffer, 2 * gather_frames_max> buffers;
  while (gather() > 0) {
    std::size_t count = 0;
    std::size_t skip = written_of_first_;
    std::size_t total = 0;
    for (const wire::Frame& frame : writing_) {
      for (const Bytes* piece : {&frame.head, &frame.payload}) {
        const std::size_t skipped = std::min(skip, piece->size());
        skip -= skipped;
        if (piece->size() == skipped) continue;
        buffers[count++] = {piece->data() + skipped, piece->size() - skipped};
        total += piece->size() - skipped;
      }
    }
    boost::system::error_code error;
    const std::size_t written = socket_.write_some(std::span(buffers.data(), count), error);
    if (error && !would_block(error)) return close(error.message());
    drop_written(written);
    if (error || written < total) return wait_writable();
  }
  if (is_hanging_up_) return close(why_);
  if (queued_bytes_ <= options_.write_soft_bytes) wait_readable();
}

void Link::drop_written(std::size_t bytes) {
  counters_.bytes_out += bytes;
  queued_bytes_ -= bytes;
  if (bytes > 0) last_write_ = Clock::now();
  written_of_first_ += bytes;
  while (!writing_.empty() && written_of_first_ >= writing_.front().size()) {
    written_of_first_ -= writing_.front().size();
    writing_.pop_front();
    ++counters_.frames_out;
  }
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
// -------------------------------------------------------------------------------

void Link::on_heartbeat() {
  if (is_closed_) return;
  const Clock::time_point now = Clock::now();
  if (is_hanging_up_ && now >= hang_up_by_) return close(why_);
  const bool is_reading_paused = queued_bytes_ > options_.write_soft_bytes;
  if (!is_reading_paused && now - last_read_ > options_.silence_max)
    return close("silent for over " + std::to_string(options_.silence_max.count()) + " ms");
  if (now - last_write_ >= options_.heartbeat && queued_bytes_ == 0)
    send(wire::Priority::critical, wire::seal({}, {}, {}));
  heartbeat_.expires_after(options_.heartbeat / 2);
  heartbeat_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error) self->on_heartbeat();
  });
}

void Link::hang_up(const std::string& why) {
  if (is_closed_ || is_hanging_up_) return;
  why_ = why;
  is_hanging_up_ = true;
  hang_up_by_ = Clock::now() + options_.linger;
  boost::asio::post(socket_.get_executor(), [self = shared_from_this()] { self->flush(); });
}

void Link::close(const std::string& why) {
  if (is_closed_) return;
  is_closed_ = true;
  heartbeat_.cancel();
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
  boost::asio::post(socket_.get_executor(),
                    [self = shared_from_this(), why] { self->handlers_.closed(self->id_, why); });
}

}  // namespace mpreg::net
