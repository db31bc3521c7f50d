#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <sys/types.h>

#include "engine/base/result.hpp"

namespace mpreg::node {

/// Another mpreg process, started and ended by this one: for the demo and the bench.
///
/// Its stdout is read here, its stderr goes to `log_path`. Destroying it kills and reaps it.
class ChildProcess {
 public:
  /// Starts this very executable, or another, with `arguments`. Errors: unavailable.
  [[nodiscard]] static Result<ChildProcess> start(const std::vector<std::string>& arguments,
                                                  const std::string& log_path,
                                                  const std::string& executable = "/proc/self/exe");
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;

  /// The next line of its stdout. Errors: timeout; unavailable when it ended.
  [[nodiscard]] Result<std::string> read_line(std::chrono::milliseconds timeout);
  void send_signal(int signal);
  /// Waits for its end. Errors: timeout. Value: exit code, or 128 + signal.
  [[nodiscard]] Result<int> wait(std::chrono::milliseconds timeout);
  /// Ends it at once (SIGKILL) and reaps it.
  void kill();
  [[nodiscard]] bool is_running() const { return pid_ > 0; }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  ChildProcess(pid_t pid, int output) : pid_(pid), output_(output) {}
  void close_output();

  pid_t pid_ = -1;
  int output_ = -1;
  std::string buffer_;
};

}  // namespace mpreg::node
