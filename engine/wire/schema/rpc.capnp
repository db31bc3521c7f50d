@0xe7fd1d8fdcc8ad63;
# Calls, their answers, and the functions that clients offer.

using Cxx = import "/capnp/c++.capnp";
using Catalog = import "catalog.capnp";
$Cxx.namespace("mpreg::wire::schema");

struct RpcCall {
  call @0 :UInt64;
  origin @1 :UInt64;
  originIncarnation @2 :UInt64;
  attempt @3 :UInt32;
  isIdempotent @4 :Bool;
  contentType @5 :Text;
  selector :group {  # a group: one pointer less to follow in the most frequent message
    cluster @6 :UInt64;
    node @7 :UInt64;
    name @8 :Text;
    functionId @9 :Text;
    constraint @10 :Text;
    resources @11 :List(Text);
  }
}

struct RpcAnswer {
  call @0 :UInt64;
  origin @1 :UInt64;
  originIncarnation @2 :UInt64;
  node @3 :UInt64;
  attempt @4 :UInt32;
  load @5 :UInt32;
  code @6 :UInt16;  # Errc; open: an unknown number is kept
  isRetryable @7 :Bool;
  message @8 :Text;
  function @9 :Text;
  contentType @10 :Text;
}

struct RpcCancel {
  call @0 :UInt64;
  origin @1 :UInt64;
  originIncarnation @2 :UInt64;
}

struct RpcRegister {
  request @0 :UInt64;
  isRemoval @1 :Bool;
  functions @2 :List(Catalog.FunctionRecord);
}

struct RpcRegistered {
  request @0 :UInt64;
  code @1 :UInt16;  # Errc; open: an unknown number is kept
  message @2 :Text;
}
