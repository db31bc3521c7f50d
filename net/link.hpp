#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include "engine/base/bytes.hpp"
#include "engine/base/ids.hpp"
#include "engine/wire/envelope.hpp"
#include "engine/wire/frame.hpp"
#include "net/batch.hpp"
#include "net/frame_queue.hpp"
#include "net/run_buffers.hpp"

namespace mpreg::net {

/// Bounds and rhythms of a link.
struct LinkOptions {
  /// Above: low and bulk frames are dropped (counted).
  std::size_t write_soft_bytes = 8U << 20;
  /// When more than this waits before a further frame, the link is closed: the receiver is too
  /// slow. Nothing else is left to do: memory is bounded, and a frame that is dropped from a link
  /// that lives would break the order its receiver counts on. A frame itself does not count, so
  /// that large ones do not end a healthy link: this and one frame, 145 MiB, is the most there is.
  std::size_t write_hard_bytes = 80U << 20;
  /// Read at once; larger frames are read into a buffer of their own that grows as they arrive.
  std::size_t read_chunk_bytes = 64U << 10;
  /// So many first frames of a peer are its introduction: hello and proof. The engine has hung up
  /// on a stranger before it handles a further one, so nobody unknown makes this side hold more.
  std::size_t introduction_frames = 2;
  std::size_t introduction_bytes_max = 16U << 10;  ///< A larger frame among these ends the link.
  std::chrono::milliseconds heartbeat{2'000};      ///< Sent when nothing else was for that long.
  /// Nothing received for that long, or nothing of what waits was taken: the link is dead.
  std::chrono::milliseconds silence_max{7'000};
  /// After a hang-up, for what is still to be written and for the peer to close.
  std::chrono::milliseconds linger{1'000};
};

/// Counters of one link, added up by the transport.
struct LinkCounters {
  std::uint64_t frames_in = 0;
  std::uint64_t frames_out = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t dropped = 0;     ///< By priority, when the write queue was over its soft bound.
  std::uint64_t bytes_held = 0;  ///< Allocated for frames that have not arrived in full.
};

/// One stream socket, TCP or unix, that carries frames.
///
/// Reads cut the stream into frames that nobody copies again. Small frames that come together share
/// one buffer, of at most RunBuffers::buffer_bytes: who keeps a part of one keeps no more than
/// that. A header alone reserves nothing: memory follows the bytes that came. Writes wait in one
/// queue a priority and leave gathered, many frames a system call. Both ends send heartbeats, so a
/// quiet peer is never mistaken for a dead one, and a dead one never for a quiet one.
class Link : public std::enable_shared_from_this<Link> {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;
  /// What all links of one event loop share. Links keep it: their last report may come when the
  /// transport is gone.
  struct Shared {
    Shared(const LinkOptions& link_options, BatchEnd& end)
        : options(link_options), batch_end(end), chunk(link_options.read_chunk_bytes) {}

    LinkOptions options;
    BatchEnd& batch_end;                                        ///< Each read is a batch.
    std::function<void(LinkId, Bytes)> frame;                   ///< One whole frame.
    std::function<void(LinkId, const std::string&)> closed;     ///< Once, when the link has ended.
    std::function<void(const std::shared_ptr<Link>&)> written;  ///< Asks for a flush() soon.
    std::vector<std::byte> chunk;  ///< Where a read puts its bytes: read_chunk_bytes.
    std::shared_ptr<RunBuffers> runs = std::make_shared<RunBuffers>();
  };

  Link(LinkId id, Socket socket, std::string remote, std::shared_ptr<Shared> shared);

  void start();
  /// Queues a frame. Over the hard bound the link closes itself, reported later through `closed`.
  void send(wire::Priority priority, wire::Frame frame);
  /// Writes as much as the socket takes now and waits for the rest.
  void flush();
  /// Closes after what is queued, at the latest after the linger time. Hands no frame on any more.
  void hang_up(const std::string& why);
  /// Closes at once; `closed` is reported from the event loop.
  void close(const std::string& why);

  [[nodiscard]] LinkId id() const { return id_; }
  [[nodiscard]] const std::string& remote() const { return remote_; }
  [[nodiscard]] const LinkCounters& counters() const { return counters_; }
  [[nodiscard]] std::size_t queued_bytes() const { return queued_bytes_; }

 private:
  void wait_readable();
  void read();
  bool read_once();
  bool read_chunk(std::size_t& count, boost::system::error_code& error);
  void read_large(std::size_t& count, bool& is_full, boost::system::error_code& error);
  void cut_frames(ByteView bytes);
  void end_reading(ByteView bytes, const std::string& why);
  std::size_t cut_run(ByteView bytes, std::size_t first);
  bool is_acceptable(std::size_t frame_bytes);
  void begin_large_frame(std::size_t size, ByteView begin);
  void hold(std::size_t capacity);
  void wait_writable();
  struct Gathered;
  [[nodiscard]] bool gather(Gathered& out) const;
  [[nodiscard]] std::size_t most_urgent() const;
  void drop_written(std::size_t bytes);
  void look_again_after(std::chrono::milliseconds span);
  void on_heartbeat();
  void end_writing();

  LinkId id_;
  Socket socket_;
  std::string remote_;
  std::shared_ptr<Shared> shared_;
  const LinkOptions& options_;
  boost::asio::steady_timer heartbeat_;
  LinkCounters counters_;

  std::vector<std::byte> rest_;         ///< The begin of a frame whose end has not come.
  std::shared_ptr<std::byte[]> large_;  ///< A frame larger than a chunk, while it arrives.
  std::size_t large_size_ = 0;
  std::size_t large_read_ = 0;
  std::size_t large_capacity_ = 0;  ///< At most twice what has arrived, or large_min.

  std::array<FrameQueue, wire::priority_count> queues_;
  std::size_t started_ = 0;           ///< The queue whose first frame is partly written,
  std::size_t written_of_first_ = 0;  ///< and how much of it is; 0: no frame is.
  std::size_t queued_bytes_ = 0;

  std::chrono::steady_clock::time_point last_read_;
  std::chrono::steady_clock::time_point last_write_;
  std::chrono::steady_clock::time_point look_due_;  ///< When on_heartbeat() is to come.
  std::chrono::steady_clock::time_point hang_up_by_;
  std::string why_;  ///< Of a hang-up in progress.
  bool is_waiting_writable_ = false;
  bool is_waiting_readable_ = false;
  bool is_flush_asked_ = false;
  bool is_hanging_up_ = false;
  bool is_write_ended_ = false;
  bool is_closed_ = false;
};

}  // namespace mpreg::net
