// Evidence: everything that a verdict was made from but the message itself, so
// that it can be made again, offline, to the same report.
#ifndef POSTSEAL_AUTH_EVIDENCE_H_
#define POSTSEAL_AUTH_EVIDENCE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/envelope.h"
#include "auth/lookup_report.h"
#include "auth/options.h"
#include "dns/answer.h"
#include "dns/exchange.h"

namespace postseal::auth {

struct Evidence {
  int64_t now = 0;
  std::string authserv_id;
  Envelope envelope;
  // Without the key cache, which changes no verdict, and the suffix list, which the
  // host has to bring again.
  Options options;
  std::vector<LookupReport> dns;
  // Of the message as it was fed.
  uint64_t message_octets = 0;
  std::string message_sha256;  // in hexadecimal digits
};

// ForEachOption calls |visit| with the name and the member of every option that a
// verdict depends on. |options| is an Options, const or not.
template <typename AnyOptions, typename Visit>
void ForEachOption(AnyOptions* options, Visit visit) {
  visit("max_header_octets", &options->header.max_header_octets);
  visit("max_fields", &options->header.max_fields);
  visit("max_field_octets", &options->header.max_field_octets);
  visit("max_lookups", &options->max_lookups);
  visit("scan_body", &options->scan_body);
  visit("check_iprev", &options->check_iprev);
  visit("check_dmarc", &options->check_dmarc);
  visit("compare_rfc7489", &options->compare_rfc7489);
  visit("dkim_max_signatures", &options->dkim.max_signatures);
  visit("dkim_max_key_records", &options->dkim.max_key_records);
  visit("dkim_max_public_key_operations", &options->dkim.max_public_key_operations);
  visit("dkim_clock_skew_seconds", &options->dkim.clock_skew_seconds);
  visit("dkim_future_skew_seconds", &options->dkim.future_skew_seconds);
  visit("dkim_min_rsa_bits", &options->dkim.min_rsa_bits);
  visit("dkim_allow_rsa_sha1", &options->dkim.allow_rsa_sha1);
  visit("dkim_allow_partial_body", &options->dkim.allow_partial_body);
  visit("dkim_allow_unsigned_from", &options->dkim.allow_unsigned_from);
  visit("dkim_service", &options->dkim.service);
  visit("dkim_diagnose", &options->dkim.diagnose);
  visit("spf_max_terms", &options->spf.max_terms);
  visit("spf_max_void_lookups", &options->spf.max_void_lookups);
  visit("spf_max_mx_names", &options->spf.max_mx_names);
  visit("spf_max_ptr_names", &options->spf.max_ptr_names);
  visit("spf_max_queries", &options->spf.max_queries);
  visit("spf_max_explanation_octets", &options->spf.max_explanation_octets);
  visit("spf_max_answers_octets", &options->spf.max_answers_octets);
  visit("dmarc_mode", &options->dmarc.mode);
  visit("dmarc_missing_policy", &options->dmarc.missing_policy);
  visit("dmarc_max_identifiers", &options->dmarc.max_identifiers);
  visit("dmarc_max_author_domains", &options->dmarc.max_author_domains);
  visit("dmarc_sample", &options->dmarc.sample);
}

// AnswerFrom answers the queries of |session| with recorded |lookups|, in a way that
// leads to the same lookups again: those that were never answered, not sent or not
// used are left to the deadline, which passes at the end. A query that is not among
// them is a temporary error, as is everything after it.
template <typename Session>
void AnswerFrom(const std::vector<LookupReport>& lookups, Session* session) {
  std::map<std::pair<std::string_view, dns::Type>, const LookupReport*> recorded;
  for (const LookupReport& lookup : lookups) recorded[{lookup.name, lookup.type}] = &lookup;
  // One octet more than an Exchange keeps.
  const std::string oversized(dns::kMaxAnswerOctets + 1, '\0');
  while (const auto pending = session->NextQuery()) {
    const auto found = recorded.find({pending->query.name.text(), pending->query.type});
    if (found == recorded.end()) continue;
    const LookupReport& lookup = *found->second;
    if (lookup.expired || lookup.refused || lookup.unused) continue;
    std::vector<std::string_view> rdata(lookup.rdata.begin(), lookup.rdata.end());
    if (lookup.oversized) rdata.assign(1, oversized);
    dns::Answer answer(lookup.outcome);
    answer.dnssec_secure = lookup.secure;
    answer.ttl_seconds = lookup.ttl_seconds;
    answer.rdata = rdata;
    session->Provide(pending->id, answer).IgnoreError();  // NextQuery gave the id
  }
  session->FailOutstanding();
}

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_EVIDENCE_H_
