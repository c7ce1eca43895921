// postseal_error, postseal_text, the version and the names of results and reasons.
#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <string_view>

#include "base/result.h"
#include "capi/handle.h"
#include "capi/postseal.h"
#include "dkim/reason.h"
#include "dmarc/reason.h"
#include "spf/reason.h"

namespace postseal {
namespace {

// ReasonText is one column of the reasons' tables, whose texts are literals and so end
// with a NUL.
struct ReasonText {
  const char* name;
  const char* clause;
  const char* text;
};

#define POSTSEAL_REASON_TEXT(enumerator, name, result, clause, text) {name, clause, text},

#define POSTSEAL_SPF_REASON POSTSEAL_REASON_TEXT
constexpr ReasonText kSpfReasons[] = {
#include "spf/reason.inc"
};
#undef POSTSEAL_SPF_REASON

#define POSTSEAL_DKIM_REASON POSTSEAL_REASON_TEXT
constexpr ReasonText kDkimReasons[] = {
#include "dkim/reason.inc"
};
#undef POSTSEAL_DKIM_REASON

#define POSTSEAL_DMARC_REASON POSTSEAL_REASON_TEXT
constexpr ReasonText kDmarcReasons[] = {
#include "dmarc/reason.inc"
};
#undef POSTSEAL_DMARC_REASON

#undef POSTSEAL_REASON_TEXT

template <size_t kCount>
const ReasonText* FindIn(const ReasonText (&table)[kCount], int32_t reason) {
  return reason >= 0 && static_cast<size_t>(reason) < kCount ? &table[reason] : nullptr;
}

const ReasonText* FindReason(int32_t method, int32_t reason) {
  switch (method) {
    case POSTSEAL_METHOD_SPF:
      return FindIn(kSpfReasons, reason);
    case POSTSEAL_METHOD_DKIM:
      return FindIn(kDkimReasons, reason);
    case POSTSEAL_METHOD_DMARC:
      return FindIn(kDmarcReasons, reason);
    default:
      return nullptr;
  }
}

}  // namespace
}  // namespace postseal

extern "C" {

uint32_t postseal_version_number(void) { return POSTSEAL_VERSION_NUMBER; }

postseal_status postseal_error_new(const char* text, size_t text_len, postseal_error** out_error) {
  if (!postseal::capi::IsInput(text, text_len) || out_error == nullptr) return POSTSEAL_E_ARGUMENT;
  return postseal::capi::Guard([=] {
    return postseal::capi::FailNew(POSTSEAL_OK, postseal::capi::View(text, text_len), out_error);
  });
}

postseal_status postseal_error_text(const postseal_error* error, postseal_bytes* out_text) {
  if (error == nullptr || out_text == nullptr) return POSTSEAL_E_ARGUMENT;
  *out_text = postseal::capi::ToBytes(error->text);
  return POSTSEAL_OK;
}

void postseal_error_free(postseal_error* error) { delete error; }

postseal_status postseal_text_bytes(const postseal_text* text, postseal_bytes* out_text) {
  if (text == nullptr || out_text == nullptr) return POSTSEAL_E_ARGUMENT;
  *out_text = postseal::capi::ToBytes(text->text);
  return POSTSEAL_OK;
}

void postseal_text_free(postseal_text* text) { delete text; }

const char* postseal_result_name(int32_t result) {
  if (result < 0 || result > POSTSEAL_RESULT_PERMERROR) return nullptr;
  // ResultName views a literal.
  return postseal::base::ResultName(static_cast<postseal::base::Result>(result)).data();
}

const char* postseal_reason_name(int32_t method, int32_t reason) {
  const auto* const found = postseal::FindReason(method, reason);
  return found == nullptr ? nullptr : found->name;
}

const char* postseal_reason_text(int32_t method, int32_t reason) {
  const auto* const found = postseal::FindReason(method, reason);
  return found == nullptr ? nullptr : found->text;
}

const char* postseal_reason_clause(int32_t method, int32_t reason) {
  const auto* const found = postseal::FindReason(method, reason);
  return found == nullptr ? nullptr : found->clause;
}

}  // extern "C"
