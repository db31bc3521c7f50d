#include "node/child_process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace mpreg::node {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto reap_poll = std::chrono::milliseconds(2);

int milliseconds_until(Clock::time_point by) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(by - Clock::now());
  return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& arguments,
                                         const std::string& log_path,
                                         const std::string& executable) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(Errc::unavailable, std::strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log_path.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);  // nothing of ours leaks
  std::vector<std::string> words{"mpreg"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  pid_t pid = -1;
  const int error =
      ::posix_spawn(&pid, executable.c_str(), &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (error != 0) {
    ::close(ends[0]);
    return fail(Errc::unavailable, std::string("cannot start a process: ") + std::strerror(error));
  }
  return ChildProcess(pid, ends[0]);
}

ChildProcess::~ChildProcess() {
  kill();
  close_output();
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      output_(std::exchange(other.output_, -1)),
      buffer_(std::move(other.buffer_)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  if (this == &other) return *this;
  kill();
  close_output();
  pid_ = std::exchange(other.pid_, -1);
  output_ = std::exchange(other.output_, -1);
  buffer_ = std::move(other.buffer_);
  return *this;
}

void ChildProcess::close_output() {
  if (output_ >= 0) ::close(std::exchange(output_, -1));
}

Result<std::string> ChildProcess::read_line(std::chrono::milliseconds timeout) {
  const Clock::time_point by = Clock::now() + timeout;
  for (;;) {
    if (const std::size_t end = buffer_.find('\n'); end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    pollfd descriptor{output_, POLLIN, 0};
    const int ready = ::poll(&descriptor, 1, milliseconds_until(by));
    if (ready == 0) return fail(Errc::timeout, "the process printed nothing in time");
    std::array<char, 4096> chunk{};
    const ssize_t count = ::read(output_, chunk.data(), chunk.size());
    if (count <= 0) return fail(Errc::unavailable, "the process ended before it was ready");
    buffer_.append(chunk.data(), static_cast<std::size_t>(count));
  }
}

void ChildProcess::send_signal(int signal) {
  if (pid_ > 0) ::kill(pid_, signal);
}

Result<int> ChildProcess::wait(std::chrono::milliseconds timeout) {
  const Clock::time_point by = Clock::now() + timeout;
  while (pid_ > 0) {
    int status = 0;
    const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
    if (ended == pid_) {
      pid_ = -1;
      return code_of(status);
    }
    if (Clock::now() >= by) return fail(Errc::timeout, "the process did not end in time");
    std::this_thread::sleep_for(reap_poll);
  }
  return fail(Errc::not_found, "the process has ended");
}

void ChildProcess::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
}

}  // namespace mpreg::node
