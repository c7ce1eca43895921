// Every function that a host calls in a loop costs, over the whole loop, what its input
// costs once: twice the input is about twice the work, counted in allocations and in the
// octets that they ask for.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "capi/allocations.h"
#include "capi/postseal.h"
#include "gtest/gtest.h"

namespace postseal::capi {
namespace {

constexpr int64_t kNow = 1767225600;
// kMostGrowth is what work in a loop twice as long may grow by: 2, and what vectors and
// arenas take ahead. Work in the square of the input grows by 4.
constexpr double kMostGrowth = 3.0;
// kAhead is what is allocated whatever the input.
constexpr size_t kAhead = 100;
constexpr size_t kAheadOctets = 256 * 1024;

const uint8_t* Octets(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

std::string Repeat(std::string_view text, size_t times) {
  std::string out;
  while (times-- > 0) out += text;
  return out;
}

postseal_verify* NewVerify() {
  postseal_envelope* envelope = nullptr;
  EXPECT_EQ(postseal_envelope_new(&envelope), POSTSEAL_OK);
  EXPECT_EQ(postseal_envelope_set_client_ip_text(envelope, "192.0.2.1", 9), POSTSEAL_OK);
  EXPECT_EQ(postseal_envelope_set_mail_from(envelope, "a@example.com", 13), POSTSEAL_OK);
  postseal_verify* verify = nullptr;
  EXPECT_EQ(postseal_verify_new(nullptr, envelope, kNow, &verify, nullptr), POSTSEAL_OK);
  postseal_envelope_free(envelope);
  return verify;
}

// Fed is a session that was fed |message| and answered that nothing exists.
postseal_verify* Fed(std::string_view message) {
  postseal_verify* const verify = NewVerify();
  EXPECT_EQ(postseal_verify_feed(verify, Octets(message), message.size()), POSTSEAL_OK);
  EXPECT_EQ(postseal_verify_end_of_message(verify), POSTSEAL_OK);
  postseal_zone* zone = nullptr;
  EXPECT_EQ(postseal_zone_new(&zone), POSTSEAL_OK);
  EXPECT_EQ(postseal_zone_answer(zone, postseal_verify_exchange(verify)), POSTSEAL_OK);
  postseal_zone_free(zone);
  return verify;
}

// Loops. Each makes what it needs, calls in a loop of |n|, and says how many of them said
// that there was something.

size_t PlanRemoval(size_t n) {
  const std::string forged =
      Repeat("Authentication-Results: mx.example; dkim=pass header.d=example.com\r\n", n);
  postseal_verify* const verify = Fed(forged + "From: a@example.com\r\n\r\n");
  size_t found = 0;
  size_t position = 0;
  size_t occurrence = 0;
  while (postseal_verify_plan_removal(verify, "mx.example", 10, found, &position, &occurrence) ==
         POSTSEAL_MORE) {
    ++found;
  }
  postseal_verify_free(verify);
  return found;
}

// Two ids, one after the other for each removal.
size_t PlanRemovalForTwo(size_t n) {
  const std::string forged =
      Repeat("Authentication-Results: mx.example; dkim=pass header.d=example.com\r\n", n);
  postseal_verify* const verify = Fed(forged + "From: a@example.com\r\n\r\n");
  size_t found = 0;
  for (size_t i = 0; i < n; ++i) {
    size_t position = 0;
    size_t occurrence = 0;
    found += postseal_verify_plan_removal(verify, "mx.example", 10, i, &position, &occurrence) ==
             POSTSEAL_MORE;
    postseal_verify_plan_removal(verify, "mx.example.net", 14, i, &position, &occurrence);
  }
  postseal_verify_free(verify);
  return found;
}

size_t Signatures(size_t n) {
  postseal_verify* const verify =
      Fed(Repeat("DKIM-Signature: v=1; d=example.com; s=s; bh=; b=\r\n", n) + "\r\n");
  const size_t count = postseal_verify_num_signatures(verify);
  for (size_t i = 0; i < count; ++i) {
    int32_t result = 0;
    int32_t reason = 0;
    int32_t bits = 0;
    postseal_bytes domain = {};
    postseal_bytes selector = {};
    postseal_verify_signature(verify, i, &result, &reason, &domain, &selector, &bits);
  }
  postseal_verify_free(verify);
  return n;
}

size_t FeedOctets(size_t n) {
  postseal_verify* const verify = NewVerify();
  const std::string message = Repeat("Subject: x\r\n", n / 16) + "\r\n" + Repeat("x\r\n", n);
  size_t fed = 0;
  for (const char& octet : message) {
    fed += postseal_verify_feed(verify, reinterpret_cast<const uint8_t*>(&octet), 1) == POSTSEAL_OK;
  }
  postseal_verify_free(verify);
  return fed < message.size() ? 0 : n;
}

size_t Header(size_t n) {
  postseal_verify* const verify = NewVerify();
  size_t fed = 0;
  for (size_t i = 0; i < n; ++i) {
    fed += postseal_verify_header(verify, "Subject", 7, " x\n y", 5) == POSTSEAL_OK;
  }
  postseal_verify_end_of_headers(verify);
  for (size_t i = 0; i < n; ++i) postseal_verify_body(verify, Octets("x\r\n"), 3);
  postseal_verify_free(verify);
  return fed;
}

size_t Json(size_t n) {
  postseal_verify* const verify = Fed("From: a@example.com\r\n\r\n");
  size_t made = 0;
  for (size_t i = 0; i < n; ++i) {
    postseal_bytes text = {};
    made += postseal_verify_json(verify, "mx.example", 10, &text) == POSTSEAL_OK;
    const std::string id = "mx" + std::to_string(i) + ".example";
    postseal_verify_authentication_results(verify, id.data(), id.size(), &text);
    postseal_verify_explanation(verify, &text);
  }
  postseal_verify_free(verify);
  return made;
}

size_t SignFeed(size_t n) {
  postseal_signer* signer = nullptr;
  EXPECT_EQ(postseal_signer_new(&signer), POSTSEAL_OK);
  EXPECT_EQ(postseal_signer_add_external(signer, "example.com", 11, "s", 1, POSTSEAL_KEY_ED25519),
            POSTSEAL_OK);
  postseal_sign* sign = nullptr;
  EXPECT_EQ(postseal_sign_new(signer, kNow, &sign, nullptr), POSTSEAL_OK);
  size_t fed = postseal_sign_header(sign, "From", 4, " a@example.com", 14) == POSTSEAL_OK;
  for (size_t i = 1; i < n; ++i) {
    fed += postseal_sign_header(sign, "Subject", 7, " x\n y", 5) == POSTSEAL_OK;
  }
  postseal_sign_end_of_headers(sign);
  for (size_t i = 0; i < n; ++i) postseal_sign_body(sign, Octets("x\r\n"), 3);
  postseal_sign_end_of_message(sign);
  uint32_t id = 0;
  int32_t type = 0;
  postseal_bytes digest = {};
  while (postseal_sign_next_signature(sign, &id, &type, &digest) == POSTSEAL_MORE) {
  }
  postseal_sign_free(sign);
  postseal_signer_free(signer);
  return fed;
}

size_t ZoneAdd(size_t n) {
  postseal_zone* zone = nullptr;
  EXPECT_EQ(postseal_zone_new(&zone), POSTSEAL_OK);
  size_t added = 0;
  for (size_t i = 0; i < n; ++i) {
    const std::string text = "n" + std::to_string(i) + ".example. TXT \"v=spf1 -all\"\n";
    added += postseal_zone_add(zone, text.data(), text.size(), "zone", 4) == POSTSEAL_OK;
  }
  postseal_zone_free(zone);
  return added;
}

size_t ConfigSet(size_t n) {
  postseal_config* config = nullptr;
  EXPECT_EQ(postseal_config_new(&config), POSTSEAL_OK);
  size_t set = 0;
  for (size_t i = 0; i < n; ++i) {
    set += postseal_config_set(config, "max_lookups", 11, 10) == POSTSEAL_OK;
  }
  postseal_config_free(config);
  return set;
}

size_t DmarcAdd(size_t n) {
  postseal_dmarc* dmarc = nullptr;
  EXPECT_EQ(postseal_dmarc_new(nullptr, "example.com", 11, &dmarc, nullptr), POSTSEAL_OK);
  size_t added = 0;
  for (size_t i = 0; i < n; ++i) {
    added += postseal_dmarc_add(dmarc, POSTSEAL_METHOD_DKIM, "example.com", 11,
                                POSTSEAL_RESULT_PASS) == POSTSEAL_OK;
  }
  postseal_dmarc_free(dmarc);
  return added;
}

size_t AuthresParse(size_t n) {
  const std::string field =
      "mx.example; dkim=pass (" + std::string(n * 7, '(') + std::string(n * 7, ')') + ")";
  postseal_text* text = nullptr;
  EXPECT_EQ(postseal_authres_parse(field.data(), field.size(), &text), POSTSEAL_OK);
  postseal_text_free(text);
  return n;
}

struct Loop {
  const char* name;
  size_t (*run)(size_t n);
  size_t n;
};

TEST(WorkTest, TwiceTheLoopIsTwiceTheWork) {
  constexpr Loop kLoops[] = {
      {"plan_removal", PlanRemoval, 1024},
      {"plan_removal, two ids", PlanRemovalForTwo, 1024},
      {"signature", Signatures, 512},
      {"feed, octet by octet", FeedOctets, 16384},
      {"header and body", Header, 2048},
      {"json", Json, 256},
      {"sign_header, sign_body", SignFeed, 1024},
      {"zone_add", ZoneAdd, 512},
      {"config_set", ConfigSet, 1024},
      {"dmarc_add", DmarcAdd, 512},
      {"authres_parse", AuthresParse, 512},
  };
  for (const Loop& loop : kLoops) {
    // What is made once for the life of the program is made here.
    ASSERT_EQ(loop.run(loop.n), loop.n) << loop.name;
    size_t count[2];
    size_t octets[2];
    for (const size_t i : {size_t{0}, size_t{1}}) {
      Allocations::Start();
      const size_t done = loop.run(loop.n << i);
      Allocations::Stop();
      count[i] = Allocations::count();
      octets[i] = Allocations::octets();
      ASSERT_EQ(done, loop.n << i) << loop.name;
    }
    EXPECT_LT(static_cast<double>(count[1]), kMostGrowth * static_cast<double>(count[0] + kAhead))
        << loop.name << ": " << count[0] << " allocations, then " << count[1];
    EXPECT_LT(static_cast<double>(octets[1]),
              kMostGrowth * static_cast<double>(octets[0] + kAheadOctets))
        << loop.name << ": " << octets[0] << " octets, then " << octets[1];
  }
}

}  // namespace
}  // namespace postseal::capi
