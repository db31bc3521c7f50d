#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

namespace mpreg::net {

/// What an event loop does once for many inputs: answers that came up are told, frames that wait
/// are written.
///
/// One for each io_context, found by BatchEnd::of. Inputs that come together (the frames of one
/// read, timers that are due together) are handled inside batch(); the jobs they ask for run at its
/// end, without a further round of the loop. A job that is asked for elsewhere runs soon, from the
/// loop. Never from inside the call that asks. All on the loop's thread.
class BatchEnd : public boost::asio::execution_context::service {
 public:
  static boost::asio::execution_context::id id;  ///< Asio's name of this service.
  explicit BatchEnd(boost::asio::io_context& io);
  [[nodiscard]] static BatchEnd& of(boost::asio::io_context& io);

  /// The order in which jobs run: what is told may send, what is sent is written.
  enum class Stage : std::uint8_t { tell = 0, write = 1 };

  /// Something to be done at the end of a batch that asked for it, once for all who asked. Belongs
  /// to whoever does it: is forgotten when it dies.
  class Job {
   public:
    Job(boost::asio::io_context& io, Stage stage, std::function<void()> run);
    ~Job();
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;
    void ask();

   private:
    friend BatchEnd;
    BatchEnd& end_;
    Stage stage_;
    std::function<void()> run_;
    bool is_asked_ = false;
  };

  /// Calls `work` and then runs the jobs that were asked for; within another batch, that one runs
  /// them at its end.
  template <class Work>
  void batch(Work&& work) {
    ++depth_;
    std::forward<Work>(work)();
    if (depth_ == 1) run_jobs();
    --depth_;
  }

 private:
  void shutdown() noexcept override {}
  void ask_loop();
  void run_jobs();

  boost::asio::io_context& io_;
  std::vector<Job*> jobs_;  ///< By stage.
  std::size_t depth_ = 0;   ///< Batches under way, one in another.
  bool is_posted_ = false;
};

}  // namespace mpreg::net
