// LibPq: PostgreSQL's client library, loaded when it is first needed. It brings LDAP,
// Kerberos and two TLS libraries into the process, which whoever keeps facts in SQLite,
// or none, is better without.
#ifndef POSTSEAL_STORE_LIBPQ_H_
#define POSTSEAL_STORE_LIBPQ_H_

#include <libpq-fe.h>

namespace postseal::store {

// POSTSEAL_LIBPQ(F) is F(NAME) for each function that is used.
// clang-format off
#define POSTSEAL_LIBPQ(F) \
  F(PQclear) \
  F(PQcmdStatus) \
  F(PQcmdTuples) \
  F(PQconnectPoll) \
  F(PQconnectStartParams) \
  F(PQconninfoFree) \
  F(PQconninfoParse) \
  F(PQconsumeInput) \
  F(PQerrorMessage) \
  F(PQfinish) \
  F(PQflush) \
  F(PQgetResult) \
  F(PQgetisnull) \
  F(PQgetvalue) \
  F(PQisBusy) \
  F(PQntuples) \
  F(PQresultErrorField) \
  F(PQresultErrorMessage) \
  F(PQresultStatus) \
  F(PQsendQueryParams) \
  F(PQsetNoticeProcessor) \
  F(PQsetSingleRowMode) \
  F(PQsetnonblocking) \
  F(PQsocket) \
  F(PQstatus)
// clang-format on

// LibPq has a member for each function, of the same name.
struct LibPq {
#define POSTSEAL_LIBPQ_MEMBER(name) decltype(&::name) name = nullptr;
  POSTSEAL_LIBPQ(POSTSEAL_LIBPQ_MEMBER)
#undef POSTSEAL_LIBPQ_MEMBER

  // Get loads libpq.so.5 the first time, and keeps it. Null when it is not there, or
  // lacks a function.
  static const LibPq* Get();
};

}  // namespace postseal::store

#endif  // POSTSEAL_STORE_LIBPQ_H_
