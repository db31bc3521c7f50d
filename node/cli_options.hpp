#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

/// What the command line said, as plain values: parsed in cli.cpp, the one unit that sees CLI11.
namespace mpreg::node {

/// How every client verb finds its node.
struct ClientFlags {
  std::vector<std::string> nodes;
  std::string cluster = "default";
  std::string key_file;
  std::string timeout = "5s";
  bool is_json = false;
};

struct NodeFlags {
  std::string config_file;
  std::vector<std::string> settings;  ///< "key=value".
  std::vector<std::string> listen;
  std::vector<std::string> join;
  std::string name;
  std::string record_dir;
  bool is_json = false;
};

struct CallFlags {
  ClientFlags client;
  std::string function;
  std::string arguments = "null";
  std::string function_id;
  std::string constraint;
  std::vector<std::string> resources;
  std::string target_cluster;
  std::string target_node;
  std::string content_type = "application/json";
  bool is_idempotent = false;
};

struct KvFlags {
  ClientFlags client;
  std::string group;
  std::string key;
  std::string value;
  std::string expected;
  bool is_absent_expected = false;  ///< Of cas, in place of `expected`.
};

struct WorkerFlags {
  ClientFlags client;
  std::vector<std::string> functions;  ///< Empty: all demo functions.
  std::string version = "1.0.0";
  std::vector<std::string> resources;
  std::uint32_t threads = 2;
};

struct ReplayFlags {
  std::string directory;
  std::uint32_t life = 0;  ///< Which of the recorded lives; 0: the last.
  bool is_json = false;
  std::string trace_path;  ///< Every turn as text; empty: no trace.
};

struct DemoFlags {
  std::uint64_t seed = 1;
  std::uint32_t calls = 2'000;
  std::string scenario = "scenarios/churn_50.scn";
  bool is_json = false;
};

struct BenchFlags {
  std::uint32_t seconds = 3;      ///< A case and repetition.
  std::uint32_t repetitions = 3;  ///< Paired with the floor; the median counts.
  std::vector<std::uint32_t> windows = {1, 64};
  std::uint32_t payload_bytes = 128;
  bool is_json = false;
};

/// A process that `mpreg bench` starts: part of the raw chain, or the worker.
struct BenchPeerFlags {
  std::string part;  ///< responder, relay or worker.
  std::uint16_t port = 0;
  std::string node;
};

int run_node(const NodeFlags& flags);
int run_call(const CallFlags& flags);
int run_peers(const ClientFlags& flags);
int run_catalog(const ClientFlags& flags);
int run_status(const ClientFlags& flags);
int run_worker(const WorkerFlags& flags);
/// `verb`: get, put, cas, delete or status.
int run_kv(const std::string& verb, const KvFlags& flags);
int run_replay(const ReplayFlags& flags);
int run_demo(const DemoFlags& flags);
int run_bench(const BenchFlags& flags);
int run_bench_peer(const BenchPeerFlags& flags);
int run_version(bool is_json);

/// Runs a verb. What it throws, such as an answer of another form than expected, becomes a line on
/// stderr and exit_failed.
int run_guarded(const std::string& verb, const std::function<int()>& run);

/// Parses the command line and runs the verb. Returns the process's exit code.
int run_cli(int argc, char** argv);

}  // namespace mpreg::node
