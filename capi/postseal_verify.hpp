// postseal_verify.hpp: messages verified, and SPF, DMARC and texts by themselves.
// Include postseal.hpp.
#ifndef POSTSEAL_VERIFY_HPP_
#define POSTSEAL_VERIFY_HPP_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "postseal.h"
#include "postseal_base.hpp"

namespace postseal {

// SpfResult is what SPF says of one identity.
struct SpfResult {
  Result result = Result::kNone;
  Reason reason;
  std::string domain;
};

// Signature is what became of one DKIM-Signature field.
struct Signature {
  Result result = Result::kNone;
  Reason reason;
  std::string domain;
  std::string selector;
  std::int32_t key_bits = 0;  // 0 when the key was not read
};

// DmarcResult is what DMARC says. |disposition| is what the published policy asks for:
// kNone on a pass.
struct DmarcResult {
  Result result = Result::kNone;
  Reason reason;
  Policy disposition = Policy::kNone;
  std::string domain;  // Verify: the From domain; Dmarc: the organizational domain
};

// Removal is an Authentication-Results field to delete: |position| counts all fields
// from 0, |occurrence| those of that name from 1. |occurrence| is 0 for a field of another
// name that some reader takes for one.
struct Removal {
  std::size_t position = 0;
  std::size_t occurrence = 0;
};

// Verify verifies one message: SPF, DKIM and DMARC in one pass. One thread at a time.
//
//   postseal::Verify verify(now, envelope, config);
//   verify.Feed(message);            // in chunks of any size
//   verify.EndOfMessage();
//   zone.Answer(verify.exchange());  // or your resolver
//   verify.result();
//
// What reads the report throws before exchange().done().
class Verify {
 public:
  // Verify starts. |now| is in Unix seconds. SPF's queries are there at once.
  explicit Verify(std::int64_t now, const Envelope& envelope = {}, const Config& config = {}) {
    postseal_verify* verify = nullptr;
    postseal_error* error = nullptr;
    internal::CheckNew(postseal_verify_new(config.get(), envelope.get(), now, &verify, &error),
                       error);
    handle_.reset(verify);
  }
  // exchange is the session's DNS side.
  Exchange exchange() { return Exchange(postseal_verify_exchange(get())); }

  // Feed takes the next octets, cut anywhere, not dot-stuffed. Only CRLF ends a line.
  void Feed(std::string_view data) {
    Check(postseal_verify_feed(get(), internal::Octets(data), data.size()));
  }
  // Header, EndOfHeaders and Body take the message field by field instead, as a milter
  // has it: |value| is every octet after the colon.
  void Header(std::string_view name, std::string_view value) {
    Check(postseal_verify_header(get(), name.data(), name.size(), value.data(), value.size()));
  }
  // EndOfHeaders ends the fields.
  void EndOfHeaders() { Check(postseal_verify_end_of_headers(get())); }
  // Body takes the next octets of the body.
  void Body(std::string_view data) {
    Check(postseal_verify_body(get(), internal::Octets(data), data.size()));
  }
  // EndOfMessage ends the message.
  void EndOfMessage() { Check(postseal_verify_end_of_message(get())); }

  // result is what the message comes to; see postseal_verify_result.
  Result result() const {
    std::int32_t result = 0;
    Check(postseal_verify_result(get(), &result));
    return static_cast<Result>(result);
  }
  // spf is absent when the envelope did not allow a check.
  std::optional<SpfResult> spf(Identity identity = Identity::kMailFrom) const {
    std::int32_t result = 0, reason = 0;
    postseal_bytes domain = {nullptr, 0};
    const postseal_status status =
        postseal_verify_spf(get(), static_cast<std::int32_t>(identity), &result, &reason, &domain);
    if (status == POSTSEAL_E_NOT_FOUND) return std::nullopt;
    Check(status);
    return SpfResult{static_cast<Result>(result), {Method::kSpf, reason}, internal::Copy(domain)};
  }
  // signatures are those of the message, from the top.
  std::vector<Signature> signatures() const {
    std::vector<Signature> all;
    for (std::size_t i = 0; i < postseal_verify_num_signatures(get()); ++i) {
      all.push_back(SignatureAt(i));
    }
    return all;
  }
  // dmarc is absent when DMARC was not evaluated.
  std::optional<DmarcResult> dmarc() const {
    std::int32_t result = 0, reason = 0, disposition = 0;
    postseal_bytes domain = {nullptr, 0};
    const postseal_status status =
        postseal_verify_dmarc(get(), &result, &reason, &disposition, &domain);
    if (status == POSTSEAL_E_NOT_FOUND) return std::nullopt;
    Check(status);
    return DmarcResult{static_cast<Result>(result),
                       {Method::kDmarc, reason},
                       static_cast<Policy>(disposition),
                       internal::Copy(domain)};
  }
  // AuthenticationResults is the header field for the message, whole, with its CRLF.
  std::string AuthenticationResults(std::string_view authserv_id) {
    return Text(postseal_verify_authentication_results, authserv_id);
  }
  // ReceivedSpf is the Received-SPF field of |identity|, whole. Throws where spf is
  // absent.
  std::string ReceivedSpf(Identity identity = Identity::kMailFrom) {
    postseal_bytes field = {nullptr, 0};
    Check(postseal_verify_received_spf(get(), static_cast<std::int32_t>(identity), &field));
    return internal::Copy(field);
  }
  // Json is the report as `postseal verify --json` prints it.
  std::string Json(std::string_view authserv_id) { return Text(postseal_verify_json, authserv_id); }
  // Explanation is the report as a tree for people.
  std::string Explanation() {
    postseal_bytes text = {nullptr, 0};
    Check(postseal_verify_explanation(get(), &text));
    return internal::Copy(text);
  }
  // PlanRemoval lists the Authentication-Results fields that claim to be by
  // |authserv_id|, the last one first. RFC 8601 section 5.
  std::vector<Removal> PlanRemoval(std::string_view authserv_id) {
    std::vector<Removal> all;
    Removal removal;
    for (;;) {
      const postseal_status status =
          postseal_verify_plan_removal(get(), authserv_id.data(), authserv_id.size(), all.size(),
                                       &removal.position, &removal.occurrence);
      Check(status);
      if (status != POSTSEAL_MORE) return all;
      all.push_back(removal);
    }
  }
  // Evidence is all that the verdict was made from but the message. Needs the option
  // record_message.
  std::string Evidence(std::string_view authserv_id) {
    return Text(postseal_verify_evidence, authserv_id);
  }

  // get is the handle, for the C functions. It stays this object's.
  postseal_verify* get() const noexcept { return handle_.get(); }

 private:
  friend class Evidence;
  using Handle = internal::Handle<postseal_verify, postseal_verify_free>;
  explicit Verify(Handle handle) : handle_(std::move(handle)) {}
  void Check(postseal_status status) const {
    internal::Check<postseal_verify>(status, get(), postseal_verify_error);
  }
  Signature SignatureAt(std::size_t index) const {
    std::int32_t result = 0, reason = 0, key_bits = 0;
    postseal_bytes domain = {nullptr, 0}, selector = {nullptr, 0};
    Check(postseal_verify_signature(get(), index, &result, &reason, &domain, &selector, &key_bits));
    return {static_cast<Result>(result),
            {Method::kDkim, reason},
            internal::Copy(domain),
            internal::Copy(selector),
            key_bits};
  }
  std::string Text(postseal_status (*print)(postseal_verify*, const char*, std::size_t,
                                            postseal_bytes*),
                   std::string_view authserv_id) {
    postseal_bytes text = {nullptr, 0};
    Check(print(get(), authserv_id.data(), authserv_id.size(), &text));
    return internal::Copy(text);
  }

  Handle handle_;
};

// Evidence is recorded evidence, from which a verdict is made again, offline.
class Evidence {
 public:
  // Evidence reads what Verify::Evidence wrote, or throws.
  explicit Evidence(std::string_view json) {
    postseal_evidence* evidence = nullptr;
    postseal_error* error = nullptr;
    internal::CheckNew(postseal_evidence_new(json.data(), json.size(), &evidence, &error), error);
    handle_.reset(evidence);
  }
  // StartVerify makes a session with the recorded envelope, clock and options. Feed it
  // the message, then call Answer with its exchange.
  Verify StartVerify() const {
    postseal_verify* verify = nullptr;
    postseal_error* error = nullptr;
    internal::CheckNew(postseal_evidence_verify(get(), &verify, &error), error);
    return Verify(Verify::Handle(verify));
  }
  // Answer gives the recorded answers, and ends the waiting.
  void Answer(Exchange exchange) const {
    internal::Check(postseal_evidence_answer(get(), exchange.get()));
  }

  // get is the handle, for the C functions. It stays this object's.
  postseal_evidence* get() const noexcept { return handle_.get(); }

 private:
  internal::Handle<postseal_evidence, postseal_evidence_free> handle_;
};

// Spf checks SPF of one identity. RFC 7208.
class Spf {
 public:
  // Spf needs an envelope with the client's address and the identity, or throws.
  Spf(const Envelope& envelope, Identity identity, std::int64_t now, const Config& config = {}) {
    postseal_spf* spf = nullptr;
    postseal_error* error = nullptr;
    internal::CheckNew(postseal_spf_new(config.get(), envelope.get(),
                                        static_cast<std::int32_t>(identity), now, &spf, &error),
                       error);
    handle_.reset(spf);
  }
  // exchange is the check's DNS side.
  Exchange exchange() { return Exchange(postseal_spf_exchange(get())); }
  // result and the texts below throw before exchange().done().
  SpfResult result() const {
    std::int32_t result = 0, reason = 0;
    postseal_bytes domain = {nullptr, 0};
    internal::Check(postseal_spf_result(get(), &result, &reason, &domain));
    return {static_cast<Result>(result), {Method::kSpf, reason}, internal::Copy(domain)};
  }
  // Json is the result as `postseal spf --json` prints it.
  std::string Json() { return Text(postseal_spf_json); }
  // Explanation is the result as a tree for people.
  std::string Explanation() { return Text(postseal_spf_explanation); }

  // get is the handle, for the C functions. It stays this object's.
  postseal_spf* get() const noexcept { return handle_.get(); }

 private:
  std::string Text(postseal_status (*print)(postseal_spf*, postseal_bytes*)) {
    postseal_bytes text = {nullptr, 0};
    internal::Check(print(get(), &text));
    return internal::Copy(text);
  }
  internal::Handle<postseal_spf, postseal_spf_free> handle_;
};

// Lint looks for mistakes in a domain's SPF record and all that it includes.
class Lint {
 public:
  // Lint throws for what is no domain.
  explicit Lint(std::string_view domain) {
    postseal_lint* lint = nullptr;
    postseal_error* error = nullptr;
    internal::CheckNew(postseal_lint_new(domain.data(), domain.size(), &lint, &error), error);
    handle_.reset(lint);
  }
  // exchange is its DNS side.
  Exchange exchange() { return Exchange(postseal_lint_exchange(get())); }
  // Json is what was found, as `postseal spf --lint --json` prints it. Throws before
  // exchange().done().
  std::string Json() {
    postseal_bytes json = {nullptr, 0};
    internal::Check(postseal_lint_json(get(), &json));
    return internal::Copy(json);
  }

  // get is the handle, for the C functions. It stays this object's.
  postseal_lint* get() const noexcept { return handle_.get(); }

 private:
  internal::Handle<postseal_lint, postseal_lint_free> handle_;
};

// Dmarc evaluates DMARC from what SPF and DKIM said elsewhere. RFC 9989.
class Dmarc {
 public:
  // Dmarc is about mail from the author domain |from_domain|.
  explicit Dmarc(std::string_view from_domain, const Config& config = {}) {
    postseal_dmarc* dmarc = nullptr;
    postseal_error* error = nullptr;
    internal::CheckNew(
        postseal_dmarc_new(config.get(), from_domain.data(), from_domain.size(), &dmarc, &error),
        error);
    handle_.reset(dmarc);
  }
  // Add adds that |method|, SPF or DKIM, has |result| for |domain|. Throws after Start.
  Dmarc& Add(Method method, std::string_view domain, Result result) {
    Check(postseal_dmarc_add(get(), static_cast<std::int32_t>(method), domain.data(), domain.size(),
                             static_cast<std::int32_t>(result)));
    return *this;
  }
  // Start asks the first queries.
  void Start() { Check(postseal_dmarc_start(get())); }
  // exchange is its DNS side.
  Exchange exchange() { return Exchange(postseal_dmarc_exchange(get())); }
  // result and the texts below throw before exchange().done().
  DmarcResult result() const {
    std::int32_t result = 0, reason = 0, disposition = 0;
    postseal_bytes domain = {nullptr, 0};
    Check(postseal_dmarc_result(get(), &result, &reason, &disposition, &domain));
    return {static_cast<Result>(result),
            {Method::kDmarc, reason},
            static_cast<Policy>(disposition),
            internal::Copy(domain)};
  }
  // Json is the result as `postseal dmarc --json` prints it.
  std::string Json() { return Text(postseal_dmarc_json); }
  // Explanation is the result as a tree for people.
  std::string Explanation() { return Text(postseal_dmarc_explanation); }

  // get is the handle, for the C functions. It stays this object's.
  postseal_dmarc* get() const noexcept { return handle_.get(); }

 private:
  void Check(postseal_status status) const {
    internal::Check<postseal_dmarc>(status, get(), postseal_dmarc_error);
  }
  std::string Text(postseal_status (*print)(postseal_dmarc*, postseal_bytes*)) {
    postseal_bytes text = {nullptr, 0};
    Check(print(get(), &text));
    return internal::Copy(text);
  }
  internal::Handle<postseal_dmarc, postseal_dmarc_free> handle_;
};

namespace internal {

// TakeText copies the text that a function made, and frees it.
inline std::string TakeText(postseal_status status, postseal_text* text) {
  const Handle<postseal_text, postseal_text_free> owned(text);
  Check(status);
  postseal_bytes bytes = {nullptr, 0};
  Check(postseal_text_bytes(text, &bytes));
  return Copy(bytes);
}

}  // namespace internal

// ParseAuthenticationResults reads one field into the JSON of `postseal authres parse`.
inline std::string ParseAuthenticationResults(std::string_view field) {
  postseal_text* text = nullptr;
  const postseal_status status = postseal_authres_parse(field.data(), field.size(), &text);
  return internal::TakeText(status, text);
}

// ParseRecord reads the text of a TXT record of |method| into the JSON of
// postseal_record_parse.
inline std::string ParseRecord(Method method, std::string_view record) {
  postseal_text* text = nullptr;
  const postseal_status status =
      postseal_record_parse(static_cast<std::int32_t>(method), record.data(), record.size(), &text);
  return internal::TakeText(status, text);
}

// OrgDomain is the organizational domain by the public suffix list of |config|
// (RFC 7489 section 3.2). Throws when it has none.
inline std::string OrgDomain(const Config& config, std::string_view domain) {
  postseal_text* text = nullptr;
  const postseal_status status =
      postseal_org_domain(config.get(), domain.data(), domain.size(), &text);
  return internal::TakeText(status, text);
}

}  // namespace postseal

#endif  // POSTSEAL_VERIFY_HPP_
