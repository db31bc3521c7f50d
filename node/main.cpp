#include "node/cli_options.hpp"

int main(int argc, char** argv) { return mpreg::node::run_cli(argc, argv); }
