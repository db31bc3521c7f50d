#pragma once

#include <string>

#include <lmdb.h>

#include <gtest/gtest.h>

namespace mpreg::testing {

/// Flips a bit of what lies on disk under a key, behind the storage's back. Requires: nobody has
/// the database open.
inline void flip_stored_bit(const std::string& directory, const std::string& key) {
  MDB_env* env = nullptr;
  MDB_txn* transaction = nullptr;
  MDB_dbi table = 0;
  ASSERT_EQ(mdb_env_create(&env), 0);
  ASSERT_EQ(mdb_env_open(env, directory.c_str(), 0, 0600), 0);
  ASSERT_EQ(mdb_txn_begin(env, nullptr, 0, &transaction), 0);
  ASSERT_EQ(mdb_dbi_open(transaction, nullptr, 0, &table), 0);
  MDB_val name{key.size(), const_cast<char*>(key.data())};
  MDB_val value{};
  ASSERT_EQ(mdb_get(transaction, table, &name, &value), 0);
  std::string copy(static_cast<const char*>(value.mv_data), value.mv_size);
  copy.back() = static_cast<char>(copy.back() ^ 1);
  MDB_val changed{copy.size(), copy.data()};
  ASSERT_EQ(mdb_put(transaction, table, &name, &changed, 0), 0);
  ASSERT_EQ(mdb_txn_commit(transaction), 0);
  mdb_env_close(env);
}

}  // namespace mpreg::testing
