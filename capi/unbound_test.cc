// postseal_unbound against a real authoritative server, NSD.
#include <poll.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "capi/postseal.h"
#include "capi/postseal_unbound.h"
#include "dns/nsd_server.h"
#include "gtest/gtest.h"

namespace postseal::capi {
namespace {

constexpr int64_t kNow = 1767225600;
// kLong is longer than anything takes here, in milliseconds.
constexpr int32_t kLong = 60000;
constexpr int kMessages = 20;
constexpr std::string_view kMessage = "From: a@example.net\r\n\r\nHello.\r\n";
constexpr char kZone[] =
    "$ORIGIN example.net.\n$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\n"
    "ns A 127.0.0.1\n@ TXT \"v=spf1 include:_spf.example.net -all\"\n"
    "_spf TXT \"v=spf1 ip4:192.0.2.1 -all\"\n_dmarc TXT \"v=DMARC1; p=reject; psd=n\"\n";

struct FreeVerify {
  void operator()(postseal_verify* verify) const { postseal_verify_free(verify); }
};
using Verify = std::unique_ptr<postseal_verify, FreeVerify>;
struct FreeUnbound {
  void operator()(postseal_unbound* unbound) const { postseal_unbound_free(unbound); }
};
using Unbound = std::unique_ptr<postseal_unbound, FreeUnbound>;

Verify NewVerify() {
  postseal_envelope* envelope = nullptr;
  EXPECT_EQ(postseal_envelope_new(&envelope), POSTSEAL_OK);
  EXPECT_EQ(postseal_envelope_set_client_ip_text(envelope, "192.0.2.1", 9), POSTSEAL_OK);
  EXPECT_EQ(postseal_envelope_set_mail_from(envelope, "a@example.net", 13), POSTSEAL_OK);
  postseal_verify* verify = nullptr;
  EXPECT_EQ(postseal_verify_new(nullptr, envelope, kNow, &verify, nullptr), POSTSEAL_OK);
  postseal_envelope_free(envelope);
  return Verify(verify);
}

void FeedAll(postseal_verify* verify) {
  EXPECT_EQ(postseal_verify_feed(verify, reinterpret_cast<const uint8_t*>(kMessage.data()),
                                 kMessage.size()),
            POSTSEAL_OK);
  EXPECT_EQ(postseal_verify_end_of_message(verify), POSTSEAL_OK);
}

// Result is the result of the whole message, -1 when there is none.
int32_t Result(const postseal_verify* verify) {
  int32_t result = -1;
  EXPECT_EQ(postseal_verify_result(verify, &result), POSTSEAL_OK);
  return result;
}

Unbound NewUnbound(std::string_view server, int32_t timeout_ms = kLong) {
  postseal_unbound* unbound = nullptr;
  EXPECT_EQ(
      postseal_unbound_new(server.data(), server.size(), nullptr, 0, timeout_ms, &unbound, nullptr),
      POSTSEAL_OK);
  return Unbound(unbound);
}

class UnboundTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = dns::NsdServer::Start({{"example.net", kZone}});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  std::unique_ptr<dns::NsdServer> server_;
};

TEST_F(UnboundTest, RunAnswersAll) {
  const Unbound unbound = NewUnbound(server_->address());
  const Verify verify = NewVerify();
  FeedAll(verify.get());
  EXPECT_EQ(postseal_unbound_run(unbound.get(), postseal_verify_exchange(verify.get()), kLong),
            POSTSEAL_OK);
  EXPECT_EQ(postseal_exchange_is_done(postseal_verify_exchange(verify.get())), 1);
  EXPECT_EQ(Result(verify.get()), POSTSEAL_RESULT_PASS);
}

// One thread, many messages under way, one of which is given up in the middle.
TEST_F(UnboundTest, AnEventLoopServesManyMessages) {
  const Unbound unbound = NewUnbound(server_->address());
  std::vector<Verify> all;
  for (int i = 0; i < kMessages; ++i) {
    all.push_back(NewVerify());
    postseal_exchange* const exchange = postseal_verify_exchange(all.back().get());
    EXPECT_EQ(postseal_unbound_start(unbound.get(), exchange), POSTSEAL_OK);
    FeedAll(all.back().get());
    EXPECT_EQ(postseal_unbound_start(unbound.get(), exchange), POSTSEAL_OK);
  }
  all.erase(all.begin() + kMessages / 2);
  const auto open = [&all] {
    size_t count = 0;
    for (const Verify& verify : all) {
      count += 1 - postseal_exchange_is_done(postseal_verify_exchange(verify.get()));
    }
    return count;
  };
  // A session may be done before all that it asked is answered: the loop ends with the last
  // lookup, not with the last session.
  for (;;) {
    const int32_t timeout = postseal_unbound_timeout(unbound.get());
    if (timeout < 0) break;
    pollfd descriptor = {postseal_unbound_fd(unbound.get()), POLLIN, 0};
    poll(&descriptor, 1, timeout);
    ASSERT_EQ(postseal_unbound_process(unbound.get()), POSTSEAL_OK);
  }
  EXPECT_EQ(open(), 0u) << "something is open, and nothing under way";
  for (const Verify& verify : all) EXPECT_EQ(Result(verify.get()), POSTSEAL_RESULT_PASS);
}

TEST_F(UnboundTest, TheResolverMayGoFirst) {
  Unbound unbound = NewUnbound(server_->address());
  const Verify verify = NewVerify();
  EXPECT_EQ(postseal_unbound_start(unbound.get(), postseal_verify_exchange(verify.get())),
            POSTSEAL_OK);
  unbound.reset();
  FeedAll(verify.get());
  EXPECT_EQ(postseal_exchange_expire(postseal_verify_exchange(verify.get())), POSTSEAL_OK);
  EXPECT_EQ(Result(verify.get()), POSTSEAL_RESULT_TEMPERROR);
}

TEST(UnboundSilenceTest, TheDeadlineIsATemporaryError) {
  const dns::LoopbackPort silent;
  ASSERT_TRUE(silent.ok());
  const Unbound unbound = NewUnbound("127.0.0.1:" + std::to_string(silent.port()));
  const Verify verify = NewVerify();
  FeedAll(verify.get());
  EXPECT_EQ(postseal_unbound_run(unbound.get(), postseal_verify_exchange(verify.get()), 0),
            POSTSEAL_OK);
  EXPECT_EQ(Result(verify.get()), POSTSEAL_RESULT_TEMPERROR);
}

TEST(UnboundNewTest, SaysWhatIsWrong) {
  postseal_unbound* unbound = nullptr;
  postseal_error* error = nullptr;
  EXPECT_EQ(postseal_unbound_new("nowhere", 7, nullptr, 0, kLong, &unbound, &error),
            POSTSEAL_E_ARGUMENT);
  ASSERT_NE(error, nullptr);
  postseal_bytes words = {nullptr, 0};
  EXPECT_EQ(postseal_error_text(error, &words), POSTSEAL_OK);
  EXPECT_NE(words.len, 0u);
  postseal_error_free(error);
  EXPECT_EQ(postseal_unbound_new("127.0.0.1", 9, nullptr, 0, 0, &unbound, nullptr),
            POSTSEAL_E_ARGUMENT);
  EXPECT_EQ(postseal_unbound_new(nullptr, 1, nullptr, 0, kLong, &unbound, nullptr),
            POSTSEAL_E_ARGUMENT);
  EXPECT_EQ(postseal_unbound_new("127.0.0.1", 9, nullptr, 0, kLong, nullptr, nullptr),
            POSTSEAL_E_ARGUMENT);
  EXPECT_EQ(postseal_unbound_run(nullptr, nullptr, 0), POSTSEAL_E_ARGUMENT);
  EXPECT_EQ(postseal_unbound_start(nullptr, nullptr), POSTSEAL_E_ARGUMENT);
  EXPECT_EQ(postseal_unbound_process(nullptr), POSTSEAL_E_ARGUMENT);
  EXPECT_EQ(postseal_unbound_fd(nullptr), -1);
  EXPECT_EQ(postseal_unbound_timeout(nullptr), -1);
  postseal_unbound_free(nullptr);
}

}  // namespace
}  // namespace postseal::capi
