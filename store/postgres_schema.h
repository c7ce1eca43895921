// PostgresSchema: the statements that make the tables in PostgreSQL.
#ifndef POSTSEAL_STORE_POSTGRES_SCHEMA_H_
#define POSTSEAL_STORE_POSTGRES_SCHEMA_H_

#include <cstdint>
#include <string>
#include <vector>

namespace postseal::store {

// kPostgresVersion is the schema's, in the table postseal_schema. docs/store.md lists
// what each version has changed.
inline constexpr int64_t kPostgresVersion = 2;

// PostgresSchema makes the tables where there are none.
std::vector<std::string> PostgresSchema();

// PostgresFromVersion1 changes the tables of version 1, after the version was set.
std::vector<std::string> PostgresFromVersion1();

}  // namespace postseal::store

#endif  // POSTSEAL_STORE_POSTGRES_SCHEMA_H_
