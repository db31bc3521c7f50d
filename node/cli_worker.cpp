#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <boost/json.hpp>

#include "engine/base/text.hpp"
#include "node/cli_options.hpp"
#include "node/client_flags.hpp"
#include "node/demo_functions.hpp"
#include "node/exit_code.hpp"

namespace mpreg::node {
namespace {

/// Signals wait to be taken by sigwait; must be blocked before any thread starts.
sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void print_ready(const std::vector<std::string>& names, bool is_json) {
  if (is_json) {
    boost::json::object ready;
    ready["ready"] = true;
    ready["functions"] = boost::json::value_from(names);
    std::printf("%s\n", boost::json::serialize(ready).c_str());
  } else {
    std::printf("serving");
    for (const std::string& name : names) std::printf(" %s", name.c_str());
    std::printf("\n");
  }
  std::fflush(stdout);
}

}  // namespace

int run_worker(const WorkerFlags& flags) {
  const sigset_t signals = block_stop_signals();
  std::vector<DemoFunction> functions = demo_functions();
  for (const std::string& wanted : flags.functions) {
    const bool is_known = std::ranges::any_of(
        functions, [&](const DemoFunction& function) { return function.name == wanted; });
    if (is_known) continue;
    std::fprintf(stderr,
                 "mpreg worker: no demo function \"%s\"; known: add, multiply, sleep, fail, "
                 "sha256\n",
                 printable(wanted).c_str());
    return exit_usage;
  }
  int code = exit_ok;
  const auto connection = connect(flags.client, "worker", flags.threads, code);
  if (!connection) return code;
  std::vector<std::string> names;
  for (const DemoFunction& function : functions) {
    const bool is_wanted =
        flags.functions.empty() ||
        std::ranges::find(flags.functions, function.name) != flags.functions.end();
    if (!is_wanted) continue;
    const auto record = function_record(function.name, flags.version, flags.resources);
    const Status served = record ? connection->serve(*record, function.handler, function.where)
                                 : fail(record.error().code, record.error().message);
    if (!served) {
      std::fprintf(stderr, "mpreg worker: %s: %s\n", function.name.c_str(),
                   served.error().message.c_str());
      return record ? exit_failed : exit_usage;
    }
    names.push_back(function.name);
  }
  print_ready(names, flags.client.is_json);
  int signal = 0;
  sigwait(&signals, &signal);
  std::thread([signals] {  // functions may take their time to end; a second signal does not wait
    int second = 0;
    sigwait(&signals, &second);
    std::_Exit(128 + second);
  })
      .detach();
  return exit_ok;
}

}  // namespace mpreg::node
