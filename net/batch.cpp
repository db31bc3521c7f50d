#include "net/batch.hpp"

#include <algorithm>

#include <boost/asio/post.hpp>

namespace mpreg::net {

boost::asio::execution_context::id BatchEnd::id;

BatchEnd::BatchEnd(boost::asio::io_context& io)
    : boost::asio::execution_context::service(io), io_(io) {}

BatchEnd& BatchEnd::of(boost::asio::io_context& io) {
  return boost::asio::use_service<BatchEnd>(io);
}

BatchEnd::Job::Job(boost::asio::io_context& io, Stage stage, std::function<void()> run)
    : end_(BatchEnd::of(io)), stage_(stage), run_(std::move(run)) {
  auto& jobs = end_.jobs_;
  jobs.insert(
      std::ranges::upper_bound(jobs, stage_, {}, [](const Job* job) { return job->stage_; }), this);
}

BatchEnd::Job::~Job() { std::erase(end_.jobs_, this); }

void BatchEnd::Job::ask() {
  is_asked_ = true;
  if (end_.depth_ == 0) end_.ask_loop();
}

void BatchEnd::ask_loop() {
  if (std::exchange(is_posted_, true)) return;
  boost::asio::post(io_, [this] {
    is_posted_ = false;
    batch([] {});
  });
}

/// Each job once: what a later one asks of an earlier one comes with the next round of the loop, so
/// that sockets have their turn.
void BatchEnd::run_jobs() {
  for (std::size_t next = 0; next < jobs_.size(); ++next)
    if (std::exchange(jobs_[next]->is_asked_, false)) jobs_[next]->run_();
  const auto is_asked = [](const Job* job) { return job->is_asked_; };
  if (std::ranges::any_of(jobs_, is_asked)) ask_loop();
}

}  // namespace mpreg::net
