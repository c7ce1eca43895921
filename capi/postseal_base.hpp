// postseal_base.hpp: what all of postseal.hpp stands on: errors, results, configuration,
// envelope, the DNS side of a session, and zones in memory. Include postseal.hpp.
#ifndef POSTSEAL_BASE_HPP_
#define POSTSEAL_BASE_HPP_

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "postseal.h"

#if defined(_MSVC_LANG)
static_assert(_MSVC_LANG >= 201703L, "postseal.hpp needs C++17");
#else
static_assert(__cplusplus >= 201703L, "postseal.hpp needs C++17");
#endif

namespace postseal {

// Error is thrown when a call was misused or the environment failed. What a message or
// the DNS says is never an Error: it is a result.
class Error : public std::runtime_error {
 public:
  // Error carries the status of the C call, below 0, and the library's words for it.
  Error(postseal_status status, const std::string& text)
      : std::runtime_error(text), status_(status) {}

  // status is a POSTSEAL_E_... number.
  postseal_status status() const noexcept { return status_; }

 private:
  postseal_status status_;
};

// Result is a word of RFC 8601 section 2.7. The library may know more of them.
enum class Result : std::int32_t {
  kNone = POSTSEAL_RESULT_NONE,
  kPass = POSTSEAL_RESULT_PASS,
  kFail = POSTSEAL_RESULT_FAIL,
  kSoftFail = POSTSEAL_RESULT_SOFTFAIL,
  kPolicy = POSTSEAL_RESULT_POLICY,
  kNeutral = POSTSEAL_RESULT_NEUTRAL,
  kTempError = POSTSEAL_RESULT_TEMPERROR,
  kPermError = POSTSEAL_RESULT_PERMERROR
};

// Method says whose a reason, a record or an identifier is.
enum class Method : std::int32_t {
  kSpf = POSTSEAL_METHOD_SPF,
  kDkim = POSTSEAL_METHOD_DKIM,
  kDmarc = POSTSEAL_METHOD_DMARC
};

// Policy is one of DMARC, RFC 9989 section 4.7.
enum class Policy : std::int32_t {
  kNone = POSTSEAL_POLICY_NONE,
  kQuarantine = POSTSEAL_POLICY_QUARANTINE,
  kReject = POSTSEAL_POLICY_REJECT
};

// Identity is what SPF checks, RFC 7208 sections 2.3 and 2.4.
enum class Identity : std::int32_t {
  kMailFrom = POSTSEAL_SPF_MAIL_FROM,
  kHelo = POSTSEAL_SPF_HELO
};

// Outcome is how a lookup ended. When it is not known whether a name is missing or has
// no such records, it is kNotFound.
enum class Outcome : std::int32_t {
  kRecords = POSTSEAL_DNS_RECORDS,
  kNoData = POSTSEAL_DNS_NO_DATA,
  kNxDomain = POSTSEAL_DNS_NX_DOMAIN,
  kNotFound = POSTSEAL_DNS_NOT_FOUND,
  kTempError = POSTSEAL_DNS_TEMP_ERROR
};

namespace internal {

template <typename T, void (*Free)(T*)>
struct Freer {
  void operator()(T* handle) const noexcept { Free(handle); }
};
template <typename T, void (*Free)(T*)>
using Handle = std::unique_ptr<T, Freer<T, Free>>;

inline std::string_view View(postseal_bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data), bytes.len};
}
inline std::string Copy(postseal_bytes bytes) { return std::string(View(bytes)); }
inline const std::uint8_t* Octets(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}
inline postseal_bytes Bytes(std::string_view text) { return {Octets(text), text.size()}; }
// Static texts of the library; NULL is a number that it does not know.
inline std::string_view Static(const char* text) { return text == nullptr ? "" : text; }

// StatusText is for calls that have no words of their own.
inline const char* StatusText(postseal_status status) {
  switch (status) {
    case POSTSEAL_E_ARGUMENT:
      return "an argument is not as described";
    case POSTSEAL_E_STATE:
      return "not now: the call is out of order";
    case POSTSEAL_E_TOO_LARGE:
      return "more than a limit allows";
    case POSTSEAL_E_UNKNOWN_QUERY:
      return "nothing pending has this id";
    case POSTSEAL_E_KEY:
      return "the key cannot be used";
    case POSTSEAL_E_NO_MEMORY:
      return "out of memory";
    case POSTSEAL_E_NOT_FOUND:
      return "the result has no such part";
    case POSTSEAL_E_ENVIRONMENT:
      return "a file, a socket or a library failed";
    default:
      return "an internal error of postseal";
  }
}

[[noreturn]] inline void Throw(postseal_status status, std::string_view text) {
  throw Error(status, text.empty() ? StatusText(status) : std::string(text));
}

// Check throws for an error, with the words that |get_error| finds at |handle|.
inline void Check(postseal_status status) {
  if (status < 0) Throw(status, {});
}
template <typename T>
void Check(postseal_status status, const T* handle,
           postseal_status (*get_error)(const T*, postseal_bytes*)) {
  if (status >= 0) return;
  postseal_bytes text = {nullptr, 0};
  get_error(handle, &text);
  Throw(status, View(text));
}
// CheckNew does so for a call that gave its words as a postseal_error, which it frees.
inline void CheckNew(postseal_status status, postseal_error* error) {
  const Handle<postseal_error, postseal_error_free> owned(error);
  if (status >= 0) return;
  postseal_bytes text = {nullptr, 0};
  if (error != nullptr) postseal_error_text(error, &text);
  Throw(status, View(text));
}

// Made returns what a function without words for its errors, |make|, makes.
template <typename T>
T* Made(postseal_status (*make)(T**)) {
  T* made = nullptr;
  Check(make(&made));
  return made;
}

}  // namespace internal

// Name is the word of |result|, such as "pass"; static. Empty for a number without one.
inline std::string_view Name(Result result) {
  return internal::Static(postseal_result_name(static_cast<std::int32_t>(result)));
}

// Reason says why a result is what it is. Decide by results; reasons are for logs.
struct Reason {
  Method method = Method::kSpf;
  std::int32_t number = 0;  // a POSTSEAL_..._REASON_...

  // name is stable, such as "body-hash-mismatch"; static, as all three are.
  std::string_view name() const { return Find(postseal_reason_name); }
  // text says it in words.
  std::string_view text() const { return Find(postseal_reason_text); }
  // clause is where it is written.
  std::string_view clause() const { return Find(postseal_reason_clause); }

 private:
  std::string_view Find(const char* (*find)(std::int32_t, std::int32_t)) const {
    return internal::Static(find(static_cast<std::int32_t>(method), number));
  }
};

// Config is what the host may choose. Sessions made with it share it, and the keys that
// it caches: make one for the life of the program. It never changes once used.
class Config {
 public:
  Config() : handle_(internal::Made(postseal_config_new)) {}

  // Set sets an option of postseal_config_set. Throws for a name or a number that it
  // does not have, and once a session was made.
  Config& Set(std::string_view name, std::int64_t value) {
    return Checked(postseal_config_set(get(), name.data(), name.size(), value));
  }
  // SetPublicSuffixes brings the list for RFC 7489, in the format of publicsuffix.org;
  // empty is the list that libpsl has.
  Config& SetPublicSuffixes(std::string_view text) {
    return Checked(postseal_config_set_public_suffixes(get(), text.data(), text.size()));
  }

  // get is the handle, for the C functions. It stays this object's.
  postseal_config* get() const noexcept { return handle_.get(); }

 private:
  Config& Checked(postseal_status status) {
    internal::Check(status, get(), postseal_config_error);
    return *this;
  }
  internal::Handle<postseal_config, postseal_config_free> handle_;
};

// Envelope is what SMTP said besides the message. What is not set is not known.
class Envelope {
 public:
  Envelope() : handle_(internal::Made(postseal_envelope_new)) {}

  // SetClientIp sets the client's address, "192.0.2.1". Leave it out for your own mail.
  Envelope& SetClientIp(std::string_view address) {
    return Checked(postseal_envelope_set_client_ip_text(get(), address.data(), address.size()));
  }
  // SetHelo sets the argument of HELO or EHLO.
  Envelope& SetHelo(std::string_view helo) {
    return Checked(postseal_envelope_set_helo(get(), helo.data(), helo.size()));
  }
  // SetMailFrom sets the reverse-path. An empty one is the null reverse-path of a
  // bounce, which is not the same as none known.
  Envelope& SetMailFrom(std::string_view mail_from) {
    return Checked(postseal_envelope_set_mail_from(get(), mail_from.data(), mail_from.size()));
  }
  // SetReceiver sets this host's name.
  Envelope& SetReceiver(std::string_view receiver) {
    return Checked(postseal_envelope_set_receiver(get(), receiver.data(), receiver.size()));
  }
  // SetSmtpUtf8 says whether the message came with SMTPUTF8 (RFC 6531).
  Envelope& SetSmtpUtf8(bool smtputf8) {
    return Checked(postseal_envelope_set_smtputf8(get(), smtputf8 ? 1 : 0));
  }

  // get is the handle, for the C functions. It stays this object's.
  postseal_envelope* get() const noexcept { return handle_.get(); }

 private:
  Envelope& Checked(postseal_status status) {
    internal::Check(status);
    return *this;
  }
  internal::Handle<postseal_envelope, postseal_envelope_free> handle_;
};

// Query is a question to look up. |name| lives as long as the session.
struct Query {
  std::uint32_t id = 0;
  std::uint16_t type = 0;  // the number of the record type: 16 is TXT
  std::string_view name;   // in A-labels, without the last dot
};

// Exchange is the DNS side of a session: a view, valid as long as the session.
class Exchange {
 public:
  explicit Exchange(postseal_exchange* exchange) : exchange_(exchange) {}

  // NextQuery hands a query out, each once; nothing when none is asked now. Look all
  // up together: answers may come in any order, at any time.
  std::optional<Query> NextQuery() {
    Query query;
    postseal_bytes name = {nullptr, 0};
    const postseal_status status =
        postseal_exchange_next_query(exchange_, &query.id, &query.type, &name);
    internal::Check(status);
    if (status != POSTSEAL_MORE) return std::nullopt;
    query.name = internal::View(name);
    return query;
  }
  // Provide answers query |id| with record data in wire form, without compression.
  // |ttl_seconds| is the smallest; |secure| is that DNSSEC validated the answer.
  void Provide(std::uint32_t id, Outcome outcome, const std::vector<std::string_view>& rdata = {},
               std::uint32_t ttl_seconds = 0, bool secure = false) {
    const std::vector<postseal_bytes> records = AllBytes(rdata);
    internal::Check(postseal_exchange_provide(exchange_, id, static_cast<std::int32_t>(outcome),
                                              secure ? 1 : 0, ttl_seconds, records.data(),
                                              records.size()));
  }
  // ProvideText answers a TXT query with at least one text: the strings of each record
  // joined.
  void ProvideText(std::uint32_t id, const std::vector<std::string_view>& texts,
                   std::uint32_t ttl_seconds = 0, bool secure = false) {
    const std::vector<postseal_bytes> records = AllBytes(texts);
    internal::Check(postseal_exchange_provide_txt(exchange_, id, secure ? 1 : 0, ttl_seconds,
                                                  records.data(), records.size()));
  }
  // Expire ends the waiting: what is not answered is a temporary error.
  void Expire() { internal::Check(postseal_exchange_expire(exchange_)); }
  // done is whether the session has its result.
  bool done() const noexcept { return postseal_exchange_is_done(exchange_) == 1; }

  // Drive calls resolve(Exchange, const Query&) for each query until none is asked. It
  // answers by Provide, at once or after Drive returned; then call Drive again. What it
  // throws is thrown by Drive, and the queries of that round are answered no more.
  template <typename Resolve>
  void Drive(Resolve&& resolve) {
    Driver<std::remove_reference_t<Resolve>> driver{&resolve, nullptr};
    const postseal_status status = postseal_exchange_drive(exchange_, driver.Call, &driver);
    if (driver.thrown) std::rethrow_exception(driver.thrown);
    internal::Check(status);
  }

  // get is the handle, for the C functions.
  postseal_exchange* get() const noexcept { return exchange_; }

 private:
  // Driver carries an exception past C, through which nothing may be thrown.
  template <typename Resolve>
  struct Driver {
    Resolve* resolve;
    std::exception_ptr thrown;

    static void Call(void* userdata, postseal_exchange* exchange, std::uint32_t id,
                     std::uint16_t type, const char* name, std::size_t name_len) {
      auto* const self = static_cast<Driver*>(userdata);
      if (self->thrown) return;
      try {
        (*self->resolve)(Exchange(exchange), Query{id, type, {name, name_len}});
      } catch (...) {
        self->thrown = std::current_exception();
      }
    }
  };
  static std::vector<postseal_bytes> AllBytes(const std::vector<std::string_view>& texts) {
    std::vector<postseal_bytes> all;
    all.reserve(texts.size());
    for (const std::string_view text : texts) all.push_back(internal::Bytes(text));
    return all;
  }

  postseal_exchange* exchange_;
};

// Zone answers from zone text in memory: for tests, and for verdicts offline.
class Zone {
 public:
  Zone() : handle_(internal::Made(postseal_zone_new)) {}

  // Add adds master-file text (RFC 1035 section 5), or throws with line and column.
  // |file_name| is for those words.
  Zone& Add(std::string_view text, std::string_view file_name = "zone") {
    const postseal_status status =
        postseal_zone_add(get(), text.data(), text.size(), file_name.data(), file_name.size());
    internal::Check(status, handle_.get(), postseal_zone_error);
    return *this;
  }
  // Answer answers every query of |exchange|, also those that answers lead to.
  void Answer(Exchange exchange) const {
    internal::Check(postseal_zone_answer(get(), exchange.get()));
  }

  // get is the handle, for the C functions. It stays this object's.
  postseal_zone* get() const noexcept { return handle_.get(); }

 private:
  internal::Handle<postseal_zone, postseal_zone_free> handle_;
};

}  // namespace postseal

#endif  // POSTSEAL_BASE_HPP_
